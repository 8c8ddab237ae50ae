/**
 * Copies `rows` rows of `bytes` bytes; rows of x are xStride bytes apart, rows of y yStride: one input of a
 * Concat, or a slice. Any element type.
 */
export function copyRows(rows: i32, bytes: i32, x: usize, xStride: i32, y: usize, yStride: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < bytes; i++) store<u8>(y + row * yStride + i, load<u8>(x + row * xStride + i));
  }
}
