import type { Threads } from '@espalier/runtime/tape';
import type { Loss } from './loss/loss.js';
import type { Constraint } from './network/constraint.js';
import type { Optimizer } from './optimizer/optimizer.js';
import type { Ranges } from './quantization/network-grids.js';

/** What a trainer is made of. */
export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Samples in a step; the last one of an epoch may have fewer. Default 64. */
  readonly batchSize?: number;
  /** Decides about the order of samples, dropout and augmentation. Default 1. */
  readonly seed?: number;
  /** Factor of the sum of magnitudes of all weights, biases left out, in the loss. Default 0. */
  readonly l1?: number;
  /** Factor of half the sum of squares of all weights, biases left out, in the loss. Default 0. */
  readonly l2?: number;
  /** Fraction dropped in training, by the name of a value or of the node that computes it. Dropout nodes of the model drop too. */
  readonly dropout?: Readonly<Record<string, number>>;
  /** What the training of weights has to respect, by name. `constrain` changes it later. */
  readonly constraints?: Readonly<Record<string, Constraint>>;
  /** Which constants are trained, by name. Default: weights and biases of all operators. */
  readonly trainable?: (name: string) => boolean;
  /** What becomes of the ranges of a quantized model. Default 'learned'. */
  readonly ranges?: Ranges;
  /** As in a session: the results do not depend on it. Default 1. */
  readonly threads?: Threads;
}
