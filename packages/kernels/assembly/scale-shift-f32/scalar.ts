import { clampF32One } from '../gemm-f32/scalar';

/**
 * y = clamp(x * scale + shift) over [rows, columns], the product and the sum each rounded: batch normalization.
 *
 * Element (row, column) of scale and of shift is at row * rowStride + column * columnStride, in floats, columnStride 0 or 1:
 * [0, 1] is one value a column (NHWC channels), [1, 0] one a row (NCHW channels). y may be x. NaN stays NaN.
 */
export function scaleShiftF32(
  rows: i32, columns: i32, x: usize, scale: usize, shift: usize, rowStride: i32, columnStride: i32, y: usize,
  low: f32, high: f32,
): void {
  assert(columnStride == 0 || columnStride == 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) << 2;
      const parameter = (row * rowStride + column * columnStride) << 2;
      const value = load<f32>(x + at) * load<f32>(scale + parameter) + load<f32>(shift + parameter);
      store<f32>(y + at, clampF32One(value, low, high));
    }
  }
}
