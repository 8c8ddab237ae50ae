import type { ActivationRange } from '@espalier/core';

/**
 * Counts of values in bins of equal width around zero. The range doubles when a value falls outside,
 * neighbouring bins being merged: memory stays the same however much is seen, and the order of what is
 * seen does not matter for bins of one width.
 */
export class Histogram {
  readonly #bins: Float64Array;
  /** Bins cover [-reach, reach); a power of two, so that bins of all runs fall together. */
  #reach = 2 ** -24;
  #count = 0;

  /** @param bins - how many, even */
  constructor(bins = 8192) {
    this.#bins = new Float64Array(bins);
  }

  get count(): number {
    return this.#count;
  }

  /** Width of a bin: what `quantile` is off by, at most. */
  get binWidth(): number {
    return (2 * this.#reach) / this.#bins.length;
  }

  /** How many values each bin holds; the one of index length / 2 begins at zero. */
  get counts(): Float64Array {
    return this.#bins;
  }

  /**
   * @param values - finite
   * @param extremes - the least and the greatest of them
   */
  add(values: Float32Array, { min, max }: ActivationRange): void {
    const largest = Math.max(Math.abs(min), Math.abs(max));
    while (largest >= this.#reach) this.#double();
    const bins = this.#bins;
    const half = bins.length / 2;
    const factor = half / this.#reach;
    for (let i = 0; i < values.length; i++) {
      const bin = Math.floor((values[i] as number) * factor) + half; // i < length
      bins[bin] = (bins[bin] as number) + 1; // |value| < reach
    }
    this.#count += values.length;
  }

  /** The value that `share` (0 to 1) of all values do not exceed: the upper edge of its bin. */
  quantile(share: number): number {
    const wanted = share * this.#count;
    let seen = 0;
    for (let bin = 0; bin < this.#bins.length; bin++) {
      seen += this.#bins[bin] as number; // bin < length
      if (seen >= wanted && seen > 0) return this.#edge(bin + 1);
    }
    return this.#reach;
  }

  #edge(bin: number): number {
    return (bin - this.#bins.length / 2) * this.binWidth;
  }

  /** Doubles the range: the old bins, in pairs, become the middle half. */
  #double(): void {
    const old = this.#bins.slice();
    const quarter = old.length / 4;
    this.#bins.fill(0);
    for (let i = 0; i < old.length / 2; i++) {
      this.#bins[quarter + i] = (old[2 * i] as number) + (old[2 * i + 1] as number); // 2i + 1 < length
    }
    this.#reach *= 2;
  }
}
