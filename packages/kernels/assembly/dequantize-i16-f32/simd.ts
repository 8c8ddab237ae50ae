import { storeF32Pair } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 14 bytes past x. */
export function dequantizeI16F32(n: i32, x: usize, y: usize, scale: f32, zero: i32): void {
  const scales = f32x4.splat(scale);
  const offset = i32x4.splat(zero);
  for (; n > 0; n -= 8) {
    const words = v128.load(x);
    const low4 = f32x4.convert_i32x4_s(i32x4.sub(i32x4.extend_low_i16x8_s(words), offset));
    const high4 = f32x4.convert_i32x4_s(i32x4.sub(i32x4.extend_high_i16x8_s(words), offset));
    storeF32Pair(y, f32x4.mul(low4, scales), f32x4.mul(high4, scales), min(n, 8));
    x += 16;
    y += 32;
  }
}
