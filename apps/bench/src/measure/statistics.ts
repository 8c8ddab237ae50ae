/** The middle value; the mean of both where there are two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Signal over error of `actual` in dB: 20 means errors of a tenth. Infinity where both are equal. */
export function sqnr(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let signal = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? 0;
    const difference = value - (actual[i] ?? Number.NaN);
    signal += value * value;
    error += difference * difference;
  }
  return 10 * Math.log10(signal / error);
}
