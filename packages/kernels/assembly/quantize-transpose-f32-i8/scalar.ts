import { saturate } from '../requantize/scalar';

/**
 * Float32 [batch, channels, pixels] to int8 [batch, pixels, channels]: quantize-f32-i8 and the transposition from
 * NCHW to NHWC in one, for images that are fed.
 */
export function quantizeTransposeF32I8(
  batch: i32, channels: i32, pixels: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32,
): void {
  assert(scale > 0 && low >= -128 && low <= high && high <= 127);
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = load<f32>(x + (((image * channels + channel) * pixels + pixel) << 2));
        const to = (image * pixels + pixel) * channels + channel;
        store<i8>(y + to, <i8>saturate(value / scale, zero, low, high));
      }
    }
  }
}
