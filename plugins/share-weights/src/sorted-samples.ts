import { sortedFloats } from './sort-floats.js';

/** Elements between two stored sums. 256 made clusters of 1000 weights four times slower. */
const BLOCK = 16;

/**
 * Values in rising order with the sums of any range at hand.
 *
 * Sums are float64 and stored every 16 elements only: a prefix sum for each element would take twice
 * the memory of the values themselves.
 */
export class SortedSamples {
  readonly values: Float32Array;
  readonly #sums: Float64Array;

  /** @param values - any order, no NaN and no infinity; copied */
  constructor(values: Float32Array) {
    this.values = sortedFloats(values);
    this.#sums = blockSums(this.values);
  }

  get length(): number {
    return this.values.length;
  }

  /** The sum of the elements from `start` up to `end`, in float64. 0 <= start <= end <= length. */
  sum(start: number, end: number): number {
    return this.#sumBefore(end) - this.#sumBefore(start);
  }

  /** How many elements are at most `limit`. */
  countUpTo(limit: number): number {
    let low = 0;
    let high = this.values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.values[middle]! <= limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sumBefore(end: number): number {
    const block = Math.floor(end / BLOCK);
    let sum = this.#sums[block]!;
    for (let i = block * BLOCK; i < end; i++) sum += this.values[i]!;
    return sum;
  }
}

function blockSums(values: Float32Array): Float64Array {
  const sums = new Float64Array(Math.floor(values.length / BLOCK) + 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (i % BLOCK === 0) sums[i / BLOCK] = sum;
    sum += values[i]!;
  }
  if (values.length % BLOCK === 0) sums[values.length / BLOCK] = sum;
  return sums;
}
