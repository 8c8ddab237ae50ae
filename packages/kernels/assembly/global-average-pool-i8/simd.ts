import { storeBytes } from '../lanes';
import { highReal, lowReal, magicOffset, narrow8, saturate4 } from '../requantize/simd';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past x. */
export function globalAveragePoolI8(
  batch: i32, pixels: i32, channels: i32, x: usize, y: usize,
  multiplier: f32, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const zeros = i16x8.splat(<i16>xZero);
  const divisor = f32x4.splat(<f32>pixels);
  const factor = f32x4.splat(multiplier);
  const low = lowReal(yLow, yZero);
  const high = highReal(yHigh, yZero);
  const offset = magicOffset(yZero);
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel += 8) {
      let s0 = i32x4.splat(0);
      let s1 = s0;
      let from = x + channel;
      for (let pixel = 0; pixel < pixels; pixel++) {
        const values = i16x8.sub(v128.load8x8_s(from), zeros);
        s0 = i32x4.add(s0, i32x4.extend_low_i16x8_s(values));
        s1 = i32x4.add(s1, i32x4.extend_high_i16x8_s(values));
        from += channels;
      }
      const low4 = f32x4.mul(f32x4.div(f32x4.convert_i32x4_s(s0), divisor), factor);
      const high4 = f32x4.mul(f32x4.div(f32x4.convert_i32x4_s(s1), divisor), factor);
      const result = narrow8(saturate4(low4, low, high, offset), saturate4(high4, low, high, offset));
      storeBytes(y + channel, result, min(channels - channel, 8));
    }
    x += pixels * channels;
    y += channels;
  }
}
