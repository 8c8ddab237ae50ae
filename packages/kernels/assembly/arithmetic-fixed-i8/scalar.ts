import { Scale } from '../requantize/scale';
import { clampCode, scaled } from '../requantize/scale-scalar';

/*
 * Arithmetic of two int8 tensors seen as [rows, columns] as TensorFlow Lite computes it: shapes and strides as in
 * arithmetic-f32, scales are addresses of a Scale.
 */

/** Bits that the operands of a sum are shifted to the left by: kernels/add.cc of TensorFlow Lite. */
export const ADD_SHIFT: i32 = 20;

export const ADD: i32 = 0;
export const SUB: i32 = 1;

/** y = clamp(scaled(scaled((a - aZero) << 20, aScale) + scaled((b - bZero) << 20, bScale), yScale) + yZero). */
export function addFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(ADD, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

/** As addFixedI8, the second term subtracted. */
export function subFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(SUB, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

function sum(
  operator: i32, rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const left = changetype<Scale>(aScale);
  const right = changetype<Scale>(bScale);
  assert(left.shift <= 0 && right.shift <= 0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const other = b + row * bRowStride + column * bColumnStride;
      const first = scaled(<i32>load<i8>(a + at) - aZero << ADD_SHIFT, left);
      const second = scaled(<i32>load<i8>(other) - bZero << ADD_SHIFT, right);
      const result = scaled(operator == SUB ? first - second : first + second, changetype<Scale>(yScale));
      store<i8>(y + at, <i8>clampCode(result, yZero, yLow, yHigh));
    }
  }
}

/** y = clamp(scaled((a - aZero) * (b - bZero), scale) + yZero). */
export function mulFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aZero: i32, bZero: i32, scale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const other = b + row * bRowStride + column * bColumnStride;
      const product = (<i32>load<i8>(a + at) - aZero) * (<i32>load<i8>(other) - bZero);
      store<i8>(y + at, <i8>clampCode(scaled(product, changetype<Scale>(scale)), yZero, yLow, yHigh));
    }
  }
}
