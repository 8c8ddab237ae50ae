import { type Augment, randomShift, type Samples, samples } from '@espalier/train';
import type { Digits } from '../mnist/mnist.js';
import type { Network } from './models.js';

/** Digits as a network takes them: bytes in memory, 0 to 1 in a batch. */
export function digitsFor(network: Network, { name, pixels, labels }: Digits): Samples {
  const { input, dims } = network.input;
  return samples({ name, inputs: { [input]: { data: pixels, dims, scale: 1 / 255 } }, labels });
}

/**
 * Moves each digit by up to so many pixels, to each side and up or down. Two make a dense network much better; a
 * network of few weights has none to spend on digits that stand elsewhere.
 */
export function shiftDigits(pixels: number): Augment {
  const shift = randomShift({ pixels });
  return (batch, random) => shift({ ...batch, dims: [1, 28, 28] }, random);
}
