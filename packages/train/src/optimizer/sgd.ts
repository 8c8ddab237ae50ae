import { requireInRange } from '../require-in-range.js';
import type { Optimizer } from './optimizer.js';

export interface SgdOptions {
  /** > 0. */
  readonly learningRate: number;
  /** 0 ... 1, 1 left out. Default 0.9. */
  readonly momentum?: number;
}

/**
 * Stochastic gradient descent with momentum: v = momentum * v + g, w = w - rate * v.
 *
 * @throws {OptionsError} when a number is out of range
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export function sgd({ learningRate, momentum = 0.9 }: SgdOptions): Optimizer {
  requireInRange('learningRate', learningRate, { above: 0 });
  requireInRange('momentum', momentum, { min: 0, below: 1 });
  return {
    name: 'sgd',
    learningRate,
    slots: 1,
    words: (_step, rate) => [rate],
    call: ({ size, values, gradient, mask, slots: [velocity = 0], words, l1, l2 }) => ({
      kernel: 'sgdF32',
      args: [size, values, gradient, velocity, mask, words, momentum, l1, l2],
    }),
  };
}
