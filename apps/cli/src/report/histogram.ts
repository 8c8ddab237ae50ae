import type { WeightHistogram } from './report-data.js';

const BINS = 64;

/** Counts the values of a weight before and after in 64 equal bins over the range of both. Skips NaN and infinities. */
export function weightHistogram(
  name: string,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  centroids: readonly number[] = [],
): WeightHistogram {
  let min = Infinity;
  let max = -Infinity;
  for (const values of [before, after]) {
    for (let i = 0; i < values.length; i++) {
      const x = values[i] as number; // i < length
      if (!Number.isFinite(x)) continue;
      if (x < min) min = x;
      if (x > max) max = x;
    }
  }
  // All equal, or nothing: a bin of some width all the same.
  if (min > max) [min, max] = [-1, 1];
  else if (min === max) [min, max] = [min - 1, max + 1];
  return { name, min, max, before: counts(before, min, max), after: counts(after, min, max), centroids };
}

function counts(values: ArrayLike<number>, min: number, max: number): readonly number[] {
  const bins = new Array<number>(BINS).fill(0);
  const scale = BINS / (max - min);
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number; // i < length
    if (!Number.isFinite(x)) continue;
    const bin = Math.min(BINS - 1, Math.floor((x - min) * scale));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
