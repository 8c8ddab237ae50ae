/**
 * y[b, column, row] = x[b, row, column] over float32 or any 32-bit values.
 * NCHW to NHWC: rows = C, columns = H * W. NHWC to NCHW: rows = H * W, columns = C.
 */
export function transposeF32(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  assert(batch >= 0 && rows >= 0 && columns >= 0);
  for (let image = 0; image < batch; image++) {
    const first = image * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        store<u32>(y + ((first + column * rows + row) << 2), load<u32>(x + ((first + row * columns + column) << 2)));
      }
    }
  }
}
