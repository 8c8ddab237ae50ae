import type { JSX } from 'preact';
import { bytes } from '../shell/format.js';
import type { CodeView } from '../studio/api.js';

const WIDTH = 480;
const HEIGHT = 96;
const names: Readonly<Record<string, string>> = {
  indices: 'Which shared value',
  gaps: 'Gaps between the weights kept',
  codes: 'int8 codes',
};

/** Bits of each symbol's code, the frequent ones dark: short where symbols are many. */
export function CodeLengths({ code }: { readonly code: CodeView }): JSX.Element {
  const { slot, symbols } = code;
  const total = symbols.reduce((sum, { count }) => sum + count, 0);
  const mean = symbols.reduce((sum, { count, bits }) => sum + count * bits, 0) / (total || 1);
  const fixed = Math.max(1, Math.ceil(Math.log2(symbols.length)));
  const longest = Math.max(...symbols.map(({ bits }) => bits), fixed, 1);
  const most = Math.max(...symbols.map(({ count }) => count), 1);
  const step = WIDTH / Math.max(symbols.length, 1);
  const y = (bits: number): number => HEIGHT - (bits / longest) * (HEIGHT - 8);
  const name = names[slot] ?? slot;
  return (
    <figure class="codes">
      <figcaption>
        {name} <small>{bytes(code.bytes)}</small>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${name}: codes of ${longest} bits at most, ${mean.toFixed(2)} bits on average`}
      >
        {symbols.map(({ symbol, bits, count }, i) => (
          <rect
            key={symbol}
            class="code"
            x={i * step}
            width={Math.max(0.5, step - (step > 4 ? 1.5 : 0.3))}
            y={y(bits)}
            height={HEIGHT - y(bits)}
            opacity={0.25 + 0.75 * Math.sqrt(count / most)}
          >
            <title>{`symbol ${symbol}: ${bits} bits, ${count} times`}</title>
          </rect>
        ))}
        <line class="fixed" x1={0} x2={WIDTH} y1={y(fixed)} y2={y(fixed)} />
      </svg>
      <p class="hint">
        {mean.toFixed(2)} bits on average, where {symbols.length} symbols of one length take {fixed}.
      </p>
    </figure>
  );
}
