import { createRandom } from '@espalier/core';

/**
 * Numbers of mean 0 and the given standard deviation, by the inverse of the distribution.
 *
 * @param seed - the same seed gives the same numbers in Node and in Chromium
 */
export function laplace(count: number, deviation: number, seed: number | string): Float32Array {
  const random = createRandom(seed);
  const scale = deviation / Math.SQRT2;
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const u = 2 * random.next() - 1;
    out[i] = (u < 0 ? scale : -scale) * Math.log(1 - Math.abs(u));
  }
  return out;
}
