import { saturate } from '../requantize/scalar';

/**
 * Mean of (x - xZero) over each channel, to int8: x [batch, pixels, channels] to y [batch, channels].
 *
 * q = saturate(roundHalfEven(f32(f32(sum) / f32(pixels)) * multiplier) + yZero, yLow, yHigh)
 *
 * The sum is exact in int32 for pixels <= 8,000,000. multiplier: f32(xScale / yScale).
 */
export function globalAveragePoolI8(
  batch: i32, pixels: i32, channels: i32, x: usize, y: usize,
  multiplier: f32, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(batch >= 0 && pixels > 0 && channels >= 0);
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let pixel = 0; pixel < pixels; pixel++) {
        sum += <i32>load<i8>(x + (image * pixels + pixel) * channels + channel) - xZero;
      }
      const mean = <f32>sum / <f32>pixels;
      store<i8>(y + image * channels + channel, <i8>saturate(mean * multiplier, yZero, yLow, yHigh));
    }
  }
}
