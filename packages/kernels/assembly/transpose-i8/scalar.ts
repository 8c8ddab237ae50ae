/** y[b, column, row] = x[b, row, column] over bytes: see transpose-f32 for NCHW and NHWC. */
export function transposeI8(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  assert(batch >= 0 && rows >= 0 && columns >= 0);
  for (let image = 0; image < batch; image++) {
    const first = image * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        store<u8>(y + first + column * rows + row, load<u8>(x + first + row * columns + column));
      }
    }
  }
}
