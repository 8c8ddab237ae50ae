import type { ActivationRange, Calibrator, Observer, ObserverSettings } from '@espalier/core';
import { clippingDeviations } from './clipping.js';
import { Moments } from './moments.js';

/** Sees an activation batch by batch, in the same memory however much it sees. */
class MyIdeaObserver implements Observer {
  readonly #moments = new Moments();
  readonly #reach: number;
  #min = Infinity;
  #max = -Infinity;

  constructor({ bitWidth }: ObserverSettings) {
    this.#reach = clippingDeviations(bitWidth);
  }

  /** The values are lent: they are overwritten after the call. */
  see(values: Float32Array, { min, max }: ActivationRange): void {
    this.#moments.add(values);
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  /** Never wider than what was seen: behind a Relu, say, it begins at zero. */
  range(): ActivationRange | null {
    const { count, mean, deviation } = this.#moments;
    if (count === 0) return null;
    const reach = this.#reach * deviation;
    return { min: this.#inside(mean - reach), max: this.#inside(mean + reach) };
  }

  #inside(value: number): number {
    return Math.min(Math.max(value, this.#min), this.#max);
  }
}

/** Analytic clipping: the range by the variance of what was seen. `quantize({ observer: 'my-idea' })` uses it. */
export const myIdeaCalibrator: Calibrator = {
  name: 'my-idea',
  about: 'Clips so many deviations from the mean as cost least, were the values normal.',
  observe: (settings) => new MyIdeaObserver(settings),
};
