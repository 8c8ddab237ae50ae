import { saturate } from '../requantize/scalar';

/*
 * Arithmetic of two int8 tensors seen as [rows, columns]; shapes and strides as in arithmetic-f32.
 *
 * What QuantizeLinear(op(DequantizeLinear(a), DequantizeLinear(b))) computes, each step rounded to float32:
 * real = f32(q - zero) * scale; q = saturate(roundHalfEven(op(a, b) / yScale) + yZero, yLow, yHigh)
 */

/** y = quantize(a + b). */
export function addI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: f32, aZero: i32, bScale: f32, bZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const left = <f32>(<i32>load<i8>(a + at) - aZero) * aScale;
      const right = <f32>(<i32>load<i8>(b + row * bRowStride + column * bColumnStride) - bZero) * bScale;
      store<i8>(y + at, <i8>saturate((left + right) / yScale, yZero, yLow, yHigh));
    }
  }
}

/** y = quantize(a * b). */
export function mulI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: f32, aZero: i32, bScale: f32, bZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const left = <f32>(<i32>load<i8>(a + at) - aZero) * aScale;
      const right = <f32>(<i32>load<i8>(b + row * bRowStride + column * bColumnStride) - bZero) * bScale;
      store<i8>(y + at, <i8>saturate((left * right) / yScale, yZero, yLow, yHigh));
    }
  }
}
