/** y[b, column, row] = x[b, row, column] over 16-bit values. */
export function transposeI16(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  for (let image = 0; image < batch; image++) {
    const start = image * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        store<i16>(y + ((start + column * rows + row) << 1), load<i16>(x + ((start + row * columns + column) << 1)));
      }
    }
  }
}
