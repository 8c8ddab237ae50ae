import type { JSX } from 'preact';
import { percent } from '../shell/format.js';
import { look, strokes } from './laboratory.js';

/** What the network of the sliders reads, beside what the one as it came does. */
export function Prediction(): JSX.Element {
  const { shares, sharesBefore } = look.value ?? {};
  if (strokes.value.length === 0 || shares == null || sharesBefore == null) {
    return (
      <div class="prediction prediction-empty">
        <p class="verdict" aria-live="polite">
          <span class="verdict-digit">–</span>
          <span class="verdict-text">{look.value === null ? 'Loading the network' : 'Draw a digit'}</span>
        </p>
      </div>
    );
  }
  const best = bestOf(shares);
  const bestBefore = bestOf(sharesBefore);
  return (
    <div class="prediction">
      <p class="verdict" aria-live="polite">
        <span class="verdict-digit" data-changed={best !== bestBefore}>
          {best}
        </span>
        <span class="verdict-text">
          {percent(shares[best] ?? 0, 0)} sure
          <small>{best === bestBefore ? 'as before compression' : `before compression: ${bestBefore}`}</small>
        </span>
      </p>
      <ol class="shares" aria-label="Share of each digit">
        {shares.map((share, digit) => (
          <li key={digit} data-best={digit === best}>
            <span class="share-digit">{digit}</span>
            <span class="share-track">
              <span class="share-bar" style={{ width: `${100 * share}%` }} />
              <span class="share-mark" style={{ left: `${100 * (sharesBefore[digit] ?? 0)}%` }} />
            </span>
            <span class="share-number">{percent(share, 0)}</span>
          </li>
        ))}
      </ol>
      <p class="legend">
        <span class="legend-bar" /> compressed <span class="legend-mark" /> as it came
      </p>
    </div>
  );
}

function bestOf(shares: readonly number[]): number {
  return shares.reduce((best, share, digit) => (share > (shares[best] ?? 0) ? digit : best), 0);
}
