import { storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past y and dy. */
export function clampGradientF32(n: i32, y: usize, dy: usize, dx: usize, low: f32, high: f32): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let left = n; left > 0; left -= 4) {
    const value = v128.load(y);
    const inside = v128.and(f32x4.gt(value, least), f32x4.lt(value, most));
    storeF32(dx, v128.and(v128.load(dy), inside), left);
    y += 16;
    dy += 16;
    dx += 16;
  }
}
