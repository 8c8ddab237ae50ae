import { clampF32One } from '../gemm-f32/scalar';

/*
 * Arithmetic of two float32 tensors seen as [rows, columns], with clamp; each result is rounded once.
 *
 * a and y: rows * columns floats. Element (row, column) of b is at row * bRowStride + column * bColumnStride,
 * in floats, bColumnStride 0 or 1: [columns, 1] is the same shape, [0, 1] one value a column (NHWC channels),
 * [1, 0] one a row (NCHW channels), [0, 0] a scalar. y may be a. NaN stays NaN.
 */

/** y = clamp(a + b, low, high). See the top of this file for the shapes. */
export function addF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const left = load<f32>(a + at);
      const right = load<f32>(b + ((row * bRowStride + column * bColumnStride) << 2));
      store<f32>(y + at, clampF32One(left + right, low, high));
    }
  }
}

/** y = clamp(a - b, low, high). See the top of this file for the shapes. */
export function subF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const left = load<f32>(a + at);
      const right = load<f32>(b + ((row * bRowStride + column * bColumnStride) << 2));
      store<f32>(y + at, clampF32One(left - right, low, high));
    }
  }
}

/** y = clamp(a * b, low, high). See the top of this file for the shapes. */
export function mulF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const left = load<f32>(a + at);
      const right = load<f32>(b + ((row * bRowStride + column * bColumnStride) << 2));
      store<f32>(y + at, clampF32One(left * right, low, high));
    }
  }
}

/** y = clamp(a / b, low, high). See the top of this file for the shapes. */
export function divF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const left = load<f32>(a + at);
      const right = load<f32>(b + ((row * bRowStride + column * bColumnStride) << 2));
      store<f32>(y + at, clampF32One(left / right, low, high));
    }
  }
}

/** y = clamp(a < 0 ? a * b : a, low, high). See the top of this file for the shapes. */
export function preluF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  assert(bColumnStride == 0 || bColumnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const left = load<f32>(a + at);
      const right = load<f32>(b + ((row * bRowStride + column * bColumnStride) << 2));
      store<f32>(y + at, clampF32One(left < 0 ? left * right : left, low, high));
    }
  }
}
