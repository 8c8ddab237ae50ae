import { storeF32 } from '../lanes';

/** As ./scalar.ts. */
export function fillF32(n: i32, value: f32, y: usize): void {
  const values = f32x4.splat(value);
  for (; n > 0; n -= 4) {
    storeF32(y, values, n);
    y += 16;
  }
}
