import { saturate } from '../requantize/scalar';

/**
 * q = saturate(roundHalfEven(f32(x / scale)) + zero, low, high) over n floats: ONNX QuantizeLinear.
 * Infinities saturate; NaN, which ONNX leaves open, gives low.
 */
export function quantizeF32I8(n: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32): void {
  assert(scale > 0 && low >= -128 && low <= high && high <= 127);
  for (let i = 0; i < n; i++) {
    store<i8>(y + i, <i8>saturate(load<f32>(x + (i << 2)) / scale, zero, low, high));
  }
}
