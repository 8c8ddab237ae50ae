import type { ActivationRange, Calibrator, Observer } from '@espalier/core';

/**
 * How much each batch counts. PyTorch's observer has 0.01, made for thousands of batches of training; here
 * there are some sixteen, of which the first would be all.
 */
const weightOfBatch = 0.1;

/**
 * Extremes of batches, averaged: one strange sample does not set the range alone. Unlike the other observers
 * it depends on how samples are dealt out to batches, and on their order.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3.1
 */
class MovingAverageObserver implements Observer {
  #average: ActivationRange | null = null;

  see(_: Float32Array, { min, max }: ActivationRange): void {
    const before = this.#average ?? { min, max };
    this.#average = {
      min: before.min + weightOfBatch * (min - before.min),
      max: before.max + weightOfBatch * (max - before.max),
    };
  }

  range(): ActivationRange | null {
    return this.#average;
  }
}

export const movingAverage: Calibrator = {
  name: 'moving-average',
  about: 'The extremes of batches, averaged with a weight of 0.1 for each batch.',
  observe: () => new MovingAverageObserver(),
};
