import { requireInRange } from '../require-in-range.js';
import type { Optimizer } from './optimizer.js';

export interface AdamOptions {
  /** > 0. Default 0.001. */
  readonly learningRate?: number;
  /** Of the mean of gradients, 0 ... 1, 1 left out. Default 0.9. */
  readonly beta1?: number;
  /** Of the mean of their squares, 0 ... 1, 1 left out. Default 0.999. */
  readonly beta2?: number;
  /** > 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Part of each weight that is taken away in a step, times the learning rate (AdamW). Default 0. */
  readonly weightDecay?: number;
}

/**
 * Adam, with decoupled weight decay where it is asked for.
 *
 * @throws {OptionsError} when a number is out of range
 * @see Kingma and Ba 2015 (arXiv:1412.6980); Loshchilov and Hutter 2019 (arXiv:1711.05101)
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  requireInRange('learningRate', learningRate, { above: 0 });
  requireInRange('beta1', beta1, { min: 0, below: 1 });
  requireInRange('beta2', beta2, { min: 0, below: 1 });
  requireInRange('epsilon', epsilon, { above: 0 });
  requireInRange('weightDecay', weightDecay, { min: 0 });
  return {
    name: 'adam',
    learningRate,
    slots: 2,
    words: (step, rate) => [
      rate / (1 - power(beta1, step)),
      1 / Math.sqrt(1 - power(beta2, step)),
      rate * weightDecay,
    ],
    call: ({ size, values, gradient, mask, slots: [mean = 0, square = 0], words, l1, l2 }) => ({
      kernel: 'adamF32',
      args: [
        ...[size, values, gradient, mean, square, mask, words],
        ...[beta1, beta2, epsilon, l1, l2, weightDecay > 0 ? 1 : 0],
      ],
    }),
  };
}

/** base^exponent by multiplications: `Math.pow` may differ from engine to engine in its last bit. */
export function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
