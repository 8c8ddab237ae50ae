import { Scale } from '../requantize/scale';
import { clampCode, scaled } from '../requantize/scale-scalar';

/**
 * Int8 of one scale and zero point to another, row by row, as TensorFlow Lite's QUANTIZE computes it:
 *
 * q = clamp(scaled(x - xZero, scale) + yZero, yLow, yHigh)
 *
 * scale: address of a Scale of xScale / yScale. Rows of x are xStride bytes apart, rows of y yStride.
 */
export function requantizeFixedI8(
  rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32,
  scale: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = scaled(<i32>load<i8>(x + row * xStride + column) - xZero, changetype<Scale>(scale));
      store<i8>(y + row * yStride + column, <i8>clampCode(value, yZero, yLow, yHigh));
    }
  }
}
