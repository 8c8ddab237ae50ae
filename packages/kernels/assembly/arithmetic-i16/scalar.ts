import { Scale } from '../requantize/scale';
import { clampCode, scaled } from '../requantize/scale-scalar';

/*
 * Arithmetic of two int16 tensors seen as [rows, columns] as TensorFlow Lite computes it: shapes and strides as in
 * arithmetic-f32, scales are addresses of a Scale with shifts of -30 and more.
 */

/** Bits that the operands of a sum are shifted to the left by: kernels/add.cc of TensorFlow Lite. */
export const ADD_SHIFT: i32 = 15;

/** y = clamp(scaled(scaled((a - aZero) << 15, aScale) + scaled((b - bZero) << 15, bScale), yScale) + yZero). */
export function addI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(1, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

/** As addI16, the second term subtracted. */
export function subI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(-1, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

@inline
function sum(
  sign: i32, rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const left = changetype<Scale>(aScale);
  const right = changetype<Scale>(bScale);
  assert(left.shift <= 0 && right.shift <= 0);
  assert(left.shift >= -30 && right.shift >= -30 && changetype<Scale>(yScale).shift >= -30);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 1;
      const other = b + ((row * bRowStride + column * bColumnStride) << 1);
      const first = scaled(<i32>load<i16>(a + at) - aZero << ADD_SHIFT, left);
      const second = scaled(<i32>load<i16>(other) - bZero << ADD_SHIFT, right);
      const result = scaled(first + sign * second, changetype<Scale>(yScale));
      store<i16>(y + at, <i16>clampCode(result, yZero, yLow, yHigh));
    }
  }
}

/** y = clamp(scaled(a * b, scale) + yZero), zero points of a and b being 0. */
export function mulI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  scale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(changetype<Scale>(scale).shift >= -30);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 1;
      const other = b + ((row * bRowStride + column * bColumnStride) << 1);
      const product = <i32>load<i16>(a + at) * <i32>load<i16>(other);
      store<i16>(y + at, <i16>clampCode(scaled(product, changetype<Scale>(scale)), yZero, yLow, yHigh));
    }
  }
}
