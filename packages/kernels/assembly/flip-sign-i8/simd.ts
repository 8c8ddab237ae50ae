import { storeBytes } from '../lanes';

/** As ./scalar.ts. Reads up to 15 bytes past x. */
export function flipSignI8(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i += 16) {
    const flipped = v128.xor(v128.load(x + i), i8x16.splat(-128));
    if (n - i >= 16) v128.store(y + i, flipped);
    else storeBytes(y + i, flipped, n - i);
  }
}
