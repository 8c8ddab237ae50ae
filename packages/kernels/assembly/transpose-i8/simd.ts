/** As ./scalar.ts, in tiles of 8 by 8. */
export function transposeI8(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  const xStride = columns;
  const yStride = rows;
  for (let image = 0; image < batch; image++) {
    transposeRowsI8(rows, columns, x, xStride, y, yStride);
    x += rows * xStride;
    y += rows * xStride;
  }
}

/** One matrix of which rows are xStride bytes apart; those of its transpose are yStride bytes apart. */
export function transposeRowsI8(rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32): void {
  const tiledRows = rows & ~7;
  const tiledColumns = columns & ~7;
  for (let column = 0; column < tiledColumns; column += 8) {
    const to = y + column * yStride;
    const from = x + column;
    for (let row = 0; row < tiledRows; row += 8) tile(from + row * xStride, xStride, to + row, yStride);
    plain(from, tiledRows, rows, 0, 8, xStride, to, yStride);
  }
  plain(x, 0, rows, tiledColumns, columns, xStride, y, yStride);
}

/** Interleaves bytes of two rows, then pairs of those, then fours. */
function tile(x: usize, xStride: i32, y: usize, yStride: i32): void {
  const r01 = bytes(v128.load64_zero(x), v128.load64_zero(x + xStride));
  const r23 = bytes(v128.load64_zero(x + xStride * 2), v128.load64_zero(x + xStride * 3));
  const r45 = bytes(v128.load64_zero(x + xStride * 4), v128.load64_zero(x + xStride * 5));
  const r67 = bytes(v128.load64_zero(x + xStride * 6), v128.load64_zero(x + xStride * 7));
  const low03 = i16x8.shuffle(r01, r23, 0, 8, 1, 9, 2, 10, 3, 11);
  const high03 = i16x8.shuffle(r01, r23, 4, 12, 5, 13, 6, 14, 7, 15);
  const low47 = i16x8.shuffle(r45, r67, 0, 8, 1, 9, 2, 10, 3, 11);
  const high47 = i16x8.shuffle(r45, r67, 4, 12, 5, 13, 6, 14, 7, 15);
  storePair(y, yStride, i32x4.shuffle(low03, low47, 0, 4, 1, 5));
  storePair(y + yStride * 2, yStride, i32x4.shuffle(low03, low47, 2, 6, 3, 7));
  storePair(y + yStride * 4, yStride, i32x4.shuffle(high03, high47, 0, 4, 1, 5));
  storePair(y + yStride * 6, yStride, i32x4.shuffle(high03, high47, 2, 6, 3, 7));
}

@inline
function bytes(even: v128, odd: v128): v128 {
  return i8x16.shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function storePair(y: usize, yStride: i32, columns: v128): void {
  v128.store64_lane(y, columns, 0);
  v128.store64_lane(y + yStride, columns, 1);
}

/** What no tile covers. */
function plain(
  x: usize, firstRow: i32, endRow: i32, firstColumn: i32, endColumn: i32, xStride: i32, y: usize, yStride: i32,
): void {
  for (let column = firstColumn; column < endColumn; column++) {
    for (let row = firstRow; row < endRow; row++) {
      store<u8>(y + column * yStride + row, load<u8>(x + row * xStride + column));
    }
  }
}
