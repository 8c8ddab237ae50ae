import { storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x and mask. */
export function maskF32(n: i32, x: usize, mask: usize, y: usize): void {
  for (let left = n; left > 0; left -= 4) {
    storeF32(y, v128.and(v128.load(x), v128.load(mask)), left);
    x += 16;
    mask += 16;
    y += 16;
  }
}
