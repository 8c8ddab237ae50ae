import { createRandom, type Tensor, tensorOf } from '@espalier/core';

/** `count` numbers, uniform in [low, high), the same for the same seed on every machine. */
export function seededValues(seed: number | string, count: number, low = -1, high = 1): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => low + (high - low) * random.next());
}

/** A float32 tensor of `seededValues`. */
export function seededTensor(seed: number | string, dims: readonly number[], low = -1, high = 1): Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return tensorOf('float32', seededValues(seed, count, low, high), dims);
}
