import { saturate } from '../requantize/scalar';

/**
 * Int8 of one scale and zero point to another, row by row: also one input of a Concat, written into its
 * columns of the output. What QuantizeLinear(DequantizeLinear(x)) computes, each step rounded to float32:
 *
 * q = saturate(roundHalfEven(f32(f32(x - xZero) * xScale) / yScale) + yZero, yLow, yHigh)
 *
 * Rows of x are xStride bytes apart, rows of y yStride.
 */
export function requantizeI8(
  rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32,
  xScale: f32, xZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(xScale > 0 && yScale > 0 && yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const real = <f32>(<i32>load<i8>(x + row * xStride + column) - xZero) * xScale;
      store<i8>(y + row * yStride + column, <i8>saturate(real / yScale, yZero, yLow, yHigh));
    }
  }
}
