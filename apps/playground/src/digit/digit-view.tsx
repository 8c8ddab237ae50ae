import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { times } from '../shell/format.js';
import { FailureMessage } from '../shell/message.js';
import { arrivals, route } from '../shell/route.js';
import { Figures } from './figures.js';
import { Inside } from './inside.js';
import { failure, type Made, made, openLaboratory } from './laboratory.js';
import { Prediction } from './prediction.js';
import { RaceBars } from './race-bars.js';
import { Retraining } from './retraining.js';
import { addressFailure, takeAddress } from './setting.js';
import { Sheet } from './sheet.js';
import { Sliders } from './sliders.js';

let isOpen = false;

/** What is true of the file at hand: pruned too far, a network forgets. */
function readsStill(file: Made | null): string {
  const quality = file?.run.quality;
  const share = quality == null ? 1 : quality.right / quality.rightBefore;
  if (share >= 0.95) return 'and it still reads your hand.';
  return share >= 0.8 ? 'and it begins to misread.' : 'and it has forgotten how to read.';
}

/** The opening screen: draw, drag, and see what is left of the network. */
export function DigitView(): JSX.Element {
  useEffect(() => {
    if (isOpen) return;
    isOpen = true;
    void openLaboratory();
  }, []);
  useEffect(() => {
    if (arrivals.value > 0 && route.value.view === 'digit') takeAddress(route.value.params);
  }, [arrivals.value]);
  const file = made.value;
  const ratio = file === null ? null : file.run.bytesBefore / file.run.bytes.length;
  return (
    <div class="digit-view">
      <header class="hero">
        <h1>
          A network {ratio === null ? 'many times' : <span class="hero-number">{times(ratio)}</span>}{' '}
          {`smaller, ${readsStill(file)}`}
        </h1>
        <p>
          LeNet-300-100 has 266,610 weights. Draw a digit, drag the sliders: it is pruned, shared and coded
          right here, and nothing leaves this page.
        </p>
      </header>
      <FailureMessage failure={addressFailure.value} onClose={() => (addressFailure.value = null)} />
      <FailureMessage failure={failure.value} onClose={() => (failure.value = null)} />
      <div class="bench">
        <section class="card" aria-label="Draw">
          <Sheet />
        </section>
        <section class="card card-stack" aria-label="Prediction">
          <Prediction />
          <RaceBars />
        </section>
        <section class="card card-wide" aria-label="Compress">
          <Sliders />
          <Figures />
        </section>
      </div>
      <Retraining />
      <Inside />
    </div>
  );
}
