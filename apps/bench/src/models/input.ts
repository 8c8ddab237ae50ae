import { createRandom } from '@espalier/core';

/** Seeded pixels, uniform in [0, 1). */
export function seededInput(name: string, count: number): Float32Array {
  const random = createRandom(name);
  return Float32Array.from({ length: count }, () => random.next());
}
