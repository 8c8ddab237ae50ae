import type { Random } from '@espalier/core';
import { type AugmentedBatch, randomShift, type Samples, samples } from '@espalier/train';
import type { Digits } from '../mnist/mnist.js';
import type { Network } from './models.js';

/** Digits as a network takes them: bytes in memory, 0 to 1 in a batch. */
export function digitsFor(network: Network, { name, pixels, labels }: Digits): Samples {
  const { input, dims } = network.input;
  return samples({ name, inputs: { [input]: { data: pixels, dims, scale: 1 / 255 } }, labels });
}

const shift = randomShift({ pixels: 2 });

/** Moves each digit by up to two pixels, to each side and up or down. */
export function shiftDigits(batch: AugmentedBatch, random: Random): void {
  shift({ ...batch, dims: [1, 28, 28] }, random);
}
