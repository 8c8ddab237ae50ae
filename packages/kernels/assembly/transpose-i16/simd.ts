/** As ./scalar.ts, in tiles of 8 by 8. */
export function transposeI16(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  const tiledRows = rows & ~7;
  const tiledColumns = columns & ~7;
  for (let image = 0; image < batch; image++) {
    for (let column = 0; column < tiledColumns; column += 8) {
      for (let row = 0; row < tiledRows; row += 8) {
        tile(x + ((row * columns + column) << 1), columns << 1, y + ((column * rows + row) << 1), rows << 1);
      }
      plain(x, tiledRows, rows, column, column + 8, columns, y, rows);
    }
    plain(x, 0, rows, tiledColumns, columns, columns, y, rows);
    x += rows * columns << 1;
    y += rows * columns << 1;
  }
}

/** Interleaves words of two rows, then pairs of those, then fours. */
function tile(x: usize, xStride: i32, y: usize, yStride: i32): void {
  const r0 = v128.load(x), r1 = v128.load(x + xStride);
  const r2 = v128.load(x + xStride * 2), r3 = v128.load(x + xStride * 3);
  const r4 = v128.load(x + xStride * 4), r5 = v128.load(x + xStride * 5);
  const r6 = v128.load(x + xStride * 6), r7 = v128.load(x + xStride * 7);
  quarter(lowWords(r0, r1), lowWords(r2, r3), lowWords(r4, r5), lowWords(r6, r7), y, yStride);
  quarter(highWords(r0, r1), highWords(r2, r3), highWords(r4, r5), highWords(r6, r7), y + yStride * 4, yStride);
}

@inline
function lowWords(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function highWords(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Four rows of the result. */
@inline
function quarter(p01: v128, p23: v128, p45: v128, p67: v128, y: usize, yStride: i32): void {
  const low03 = i32x4.shuffle(p01, p23, 0, 4, 1, 5);
  const low47 = i32x4.shuffle(p45, p67, 0, 4, 1, 5);
  const high03 = i32x4.shuffle(p01, p23, 2, 6, 3, 7);
  const high47 = i32x4.shuffle(p45, p67, 2, 6, 3, 7);
  v128.store(y, i64x2.shuffle(low03, low47, 0, 2));
  v128.store(y + yStride, i64x2.shuffle(low03, low47, 1, 3));
  v128.store(y + yStride * 2, i64x2.shuffle(high03, high47, 0, 2));
  v128.store(y + yStride * 3, i64x2.shuffle(high03, high47, 1, 3));
}

/** What no tile covers. */
function plain(
  x: usize, firstRow: i32, endRow: i32, firstColumn: i32, endColumn: i32, xStride: i32, y: usize, yStride: i32,
): void {
  for (let column = firstColumn; column < endColumn; column++) {
    for (let row = firstRow; row < endRow; row++) {
      store<i16>(y + ((column * yStride + row) << 1), load<i16>(x + ((row * xStride + column) << 1)));
    }
  }
}
