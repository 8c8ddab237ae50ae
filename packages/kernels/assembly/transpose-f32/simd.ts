/** As ./scalar.ts, in tiles of 4 by 4. */
export function transposeF32(batch: i32, rows: i32, columns: i32, x: usize, y: usize): void {
  const xStride = columns << 2;
  const yStride = rows << 2;
  for (let image = 0; image < batch; image++) {
    if (rows == 3) planesToPixels(columns, x, xStride, y);
    else transposeRowsF32(rows, columns, x, xStride, y, yStride);
    x += rows * xStride;
    y += rows * xStride;
  }
}

/** One matrix of which rows are xStride bytes apart; those of its transpose are yStride bytes apart. */
export function transposeRowsF32(rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32): void {
  const tiledRows = rows & ~3;
  const tiledColumns = columns & ~3;
  for (let column = 0; column < tiledColumns; column += 4) {
    const to = y + column * yStride;
    const from = x + (column << 2);
    for (let row = 0; row < tiledRows; row += 4) transposeTile(from + row * xStride, xStride, to + (row << 2), yStride);
    plain(from, tiledRows, rows, 0, 4, xStride, to, yStride);
  }
  plain(x, 0, rows, tiledColumns, columns, xStride, y, yStride);
}

/** Four rows of four to four columns. */
@inline
export function transposeTile(x: usize, xStride: i32, y: usize, yStride: i32): void {
  const r0 = v128.load(x);
  const r1 = v128.load(x + xStride);
  const r2 = v128.load(x + xStride * 2);
  const r3 = v128.load(x + xStride * 3);
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(y, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(y + yStride, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(y + yStride * 2, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(y + yStride * 3, i64x2.shuffle(high01, high23, 1, 3));
}

/** Pictures: red, green and blue come as planes. */
function planesToPixels(columns: i32, x: usize, xStride: i32, y: usize): void {
  const tiled = columns & ~3;
  for (let column = 0; column < tiled; column += 4) tileOf3(x + (column << 2), xStride, y + column * 12);
  plain(x, 0, 3, tiled, columns, xStride, y, 12);
}

/** Three rows of four to four rows of three. */
function tileOf3(x: usize, xStride: i32, y: usize): void {
  const r0 = v128.load(x);
  const r1 = v128.load(x + xStride);
  const r2 = v128.load(x + xStride * 2);
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const middle = i32x4.shuffle(r1, r2, 1, 5, 1, 5);
  v128.store(y, i32x4.shuffle(low01, i32x4.shuffle(r2, r0, 0, 5, 0, 5), 0, 1, 4, 5));
  v128.store(y, i32x4.shuffle(middle, high01, 0, 1, 4, 5), 16);
  v128.store(y, i32x4.shuffle(i32x4.shuffle(r2, high01, 2, 6, 2, 6), i32x4.shuffle(high01, r2, 3, 7, 3, 7), 0, 1, 4, 5), 32);
}

/** What no tile covers. */
function plain(
  x: usize, firstRow: i32, endRow: i32, firstColumn: i32, endColumn: i32, xStride: i32, y: usize, yStride: i32,
): void {
  for (let column = firstColumn; column < endColumn; column++) {
    for (let row = firstRow; row < endRow; row++) {
      store<u32>(y + column * yStride + (row << 2), load<u32>(x + row * xStride + (column << 2)));
    }
  }
}
