import type { ActivationRange, Calibrator, Observer } from '@espalier/core';
import { Histogram } from './histogram.js';
import { MinMaxObserver } from './min-max.js';

/** What is left once the rarest values at both ends are cut off; never wider than all that was seen. */
class PercentileObserver implements Observer {
  readonly #all = new MinMaxObserver();
  readonly #histogram = new Histogram();
  readonly #share: number;

  /** @param percentile - of the values, what is kept at each end: 50 < percentile <= 100 */
  constructor(percentile: number) {
    this.#share = percentile / 100;
  }

  see(values: Float32Array, extremes: ActivationRange): void {
    this.#all.see(values, extremes);
    this.#histogram.add(values, extremes);
  }

  range(): ActivationRange | null {
    const all = this.#all.range();
    if (all === null) return null;
    const { binWidth } = this.#histogram;
    const low = this.#histogram.quantile(1 - this.#share) - binWidth;
    const high = this.#histogram.quantile(this.#share);
    return { min: Math.max(all.min, low), max: Math.min(all.max, high) };
  }
}

export const percentile: Calibrator = {
  name: 'percentile',
  about: 'All but the rarest values at both ends.',
  observe: (settings) => new PercentileObserver(settings.percentile),
};
