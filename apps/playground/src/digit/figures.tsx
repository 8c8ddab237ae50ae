import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { download } from '../shell/download.js';
import { count, percent, times } from '../shell/format.js';
import { isMaking, leaveTrained, type Made, made, SEED } from './laboratory.js';

/** What the file comes to, and the file itself. */
export function Figures(): JSX.Element {
  const now = made.value;
  if (now === null) return <div class="figures figures-empty" aria-busy="true" />;
  const { run, trained } = now;
  const { quality } = run;
  return (
    <div class="figures" aria-busy={isMaking.value}>
      <dl>
        <div class="figure figure-main">
          <dt>Smaller</dt>
          <dd>{times(run.bytesBefore / run.bytes.length)}</dd>
        </div>
        <div class="figure">
          <dt>File</dt>
          <dd>
            {count(run.bytes.length)} <small>bytes, from {count(run.bytesBefore)}</small>
          </dd>
        </div>
        {quality && (
          <div class="figure">
            <dt>Read right</dt>
            <dd>
              {percent(quality.right / quality.samples)}{' '}
              <small>
                of {count(quality.samples)} test digits, from {percent(quality.rightBefore / quality.samples)}
              </small>
            </dd>
          </div>
        )}
      </dl>
      {run.warnings.map((warning) => (
        <p class="message" key={warning}>
          {warning}
        </p>
      ))}
      {trained && (
        <p class="trained-note">
          <span class="badge">Retrained here</span>
          <button type="button" class="link" onClick={leaveTrained}>
            Back to the sliders
          </button>
        </p>
      )}
      <Downloads made={now} />
    </div>
  );
}

/** The file, its hash, its recipe, and the command that writes the same bytes. */
function Downloads({ made: { run, recipe, trained } }: { readonly made: Made }): JSX.Element {
  const copied = useSignal(false);
  const command = `npx espalier compress lenet-300-100.onnx -o digit.espalier --recipe recipe.json --seed ${SEED}`;
  return (
    <div class="downloads">
      <div class="button-row">
        <button type="button" class="button" onClick={() => download('lenet-300-100.espalier', run.bytes)}>
          Download the file
        </button>
        <button
          type="button"
          class="button"
          onClick={() => download('recipe.json', `${JSON.stringify(recipe, null, 2)}\n`)}
        >
          Recipe
        </button>
        {!trained && (
          <button
            type="button"
            class="button"
            title={command}
            onClick={async () => {
              await navigator.clipboard?.writeText(command).catch(() => {});
              copied.value = true;
              setTimeout(() => {
                copied.value = false;
              }, 2000);
            }}
          >
            {copied.value ? 'Copied' : 'Copy the command'}
          </button>
        )}
      </div>
      {run.sha256 && (
        <p class="hash">
          SHA-256 <code data-testid="hash">{run.sha256}</code>
        </p>
      )}
      {!trained && <p class="hint">The command writes the same bytes from the same recipe and seed.</p>}
    </div>
  );
}
