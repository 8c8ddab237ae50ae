import { clamp4, storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x. */
export function clampF32(n: i32, x: usize, y: usize, low: f32, high: f32): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let i = 0; i < n; i += 4) {
    const result = clamp4(v128.load(x + (i << 2)), least, most);
    if (n - i >= 4) v128.store(y + (i << 2), result);
    else storeF32(y + (i << 2), result, n - i);
  }
}
