import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { duration } from '../shell/format.js';
import { FailureMessage } from '../shell/message.js';
import { cancelTraining, startTraining, training, trainingFailure } from './laboratory.js';

/** The button that trains the network while it is pruned, with progress and a way out. */
export function Retraining(): JSX.Element {
  const now = training.value;
  return (
    <section class="retraining" aria-label="Retraining">
      {now === null ? (
        <div class="retraining-offer">
          <p>
            <strong>Pruned further, it has to learn again.</strong> Ten epochs on 20,000 digits, in a worker
            of this page: about a minute.
          </p>
          <button type="button" class="button button-main" onClick={() => void startTraining()}>
            Retrain to 40× and beyond
          </button>
        </div>
      ) : (
        <div class="retraining-run">
          <p>
            <span aria-live="polite">{now.what}</span> <Elapsed since={now.startedAt} />
          </p>
          <progress max={1} value={now.share} aria-label="Retraining" />
          <button type="button" class="button" onClick={cancelTraining}>
            Cancel
          </button>
        </div>
      )}
      <FailureMessage failure={trainingFailure.value} onClose={() => (trainingFailure.value = null)} />
    </section>
  );
}

function Elapsed({ since }: { readonly since: number }): JSX.Element {
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = performance.now();
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return <span class="elapsed">{duration(Math.floor((now.value - since) / 1000) * 1000)}</span>;
}
