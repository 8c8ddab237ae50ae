/** `29,567`. */
export function count(x: number): string {
  return x.toLocaleString('en-US');
}

/** `29.6 kB`: with three digits. */
export function bytes(x: number): string {
  if (x < 1000) return `${x} B`;
  const [value, unit] = x < 1e6 ? [x / 1000, 'kB'] : [x / 1e6, 'MB'];
  return `${value.toPrecision(3).replace(/e.*/, '')} ${unit}`;
}

/** `36.1×`. */
export function times(ratio: number): string {
  return `${ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0)}×`;
}

/** `97.2 %`. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `31.4 dB`; unchanged is infinite. */
export function decibels(x: number): string {
  return x === Infinity ? 'unchanged' : `${x.toFixed(1)} dB`;
}

/** `12 ms`, `3.4 s`, `1 min 12 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
