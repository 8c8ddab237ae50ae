import { storeF32Pair } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past x. */
export function dequantizeI8F32(n: i32, x: usize, y: usize, scale: f32, zero: i32): void {
  const zeros = i16x8.splat(<i16>zero);
  const scales = f32x4.splat(scale);
  for (let i = 0; i < n; i += 8) {
    const values = i16x8.sub(v128.load8x8_s(x + i), zeros);
    const low4 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values)), scales);
    const high4 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values)), scales);
    storeF32Pair(y + (i << 2), low4, high4, n - i);
  }
}
