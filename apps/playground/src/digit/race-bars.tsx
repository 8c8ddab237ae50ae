import type { JSX } from 'preact';
import { percent } from '../shell/format.js';
import { race } from './laboratory.js';

/** How long the network takes for a digit, in float32 and in int8. */
export function RaceBars(): JSX.Element {
  const now = race.value;
  const slowest = now === null ? 1 : Math.max(now.float32, now.int8);
  return (
    <div class="race-card">
      <h3>Time for a digit</h3>
      {(['float32', 'int8'] as const).map((type) => (
        <div class="race" key={type}>
          <span class="race-name">{type}</span>
          <span class="race-track">
            <span
              class="race-bar"
              data-type={type}
              style={{ width: `${now === null ? 0 : (100 * now[type]) / slowest}%` }}
            />
          </span>
          <span class="race-number">{now === null ? '–' : `${now[type].toFixed(1)} µs`}</span>
        </div>
      ))}
      <p class="hint">
        {now === null
          ? 'Measured when the first file is made.'
          : `Before compression, and quantized to int8: ${percent(now.int8Right / now.samples)} right. One thread, batches of ${now.batch}.`}
      </p>
    </div>
  );
}
