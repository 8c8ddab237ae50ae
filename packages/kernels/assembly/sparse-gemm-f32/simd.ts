import { clamp4, storeF32 } from '../lanes';
import { mulAdd } from '../mul-add';
import { PANEL_BYTES } from './scalar';

/**
 * Rows of a block: seven vectors. Eight accumulators and the eight loads that Node 20 moves ahead of their use do
 * not fit its 15 registers (7 GMAC/s instead of 12), and 28 divides the image sizes 14 * 14, 28 * 28, 56 * 56.
 */
export const ROWS: i32 = 28;

/**
 * As ./scalar.ts, bit for bit. Blocks of rows of `a` are transposed into `scratch`, so that a weight multiplies
 * the same k of many rows at once, in order: Elsen et al. 2019 (arXiv:1911.09723), section 4, inside a block of NHWC.
 * Reads up to 12 bytes past a row of `a`.
 */
export function sparseGemmF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
  scratch: usize,
): void {
  const sums = scratch + ((k + 3) & ~3) * PANEL_BYTES;
  aStride <<= 2;
  cStride <<= 2;
  for (let row = 0; row < m; row += ROWS) {
    const rows = min(m - row, ROWS);
    const to = c + row * cStride;
    const padded = paddedRows(rows);
    transposeIn(a + row * aStride, aStride, rows, padded, k, scratch);
    multiplyPanel(rows, n, scratch, b, sums, to, cStride, low, high);
  }
}

/** Rows that a panel of `rows` is filled up to. */
@inline
export function paddedRows(rows: i32): i32 {
  return rows > 16 ? ROWS : rows > 8 ? 16 : 8;
}

/** `rows` rows, at most 28, of a panel [k][28] times all columns; strides in bytes. */
export function multiplyPanel(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  if (rows > 16) multiply28(rows, n, panel, b, sums, c, cStride, low, high);
  else if (rows > 8) multiply16(rows, n, panel, b, sums, c, cStride, low, high);
  else multiply8(rows, n, panel, b, sums, c, cStride, low, high);
}

/** [rows, k] to [k][28]. Padding repeats the last row, as what is left there may be slow to multiply (subnormals). */
function transposeIn(a: usize, aStride: i32, rows: i32, padded: i32, k: i32, panel: usize): void {
  const last = a + (rows - 1) * aStride;
  for (let row = 0; row < padded; row += 4) {
    const a0 = min(a + row * aStride, last);
    const a1 = min(a0 + aStride, last);
    const a2 = min(a1 + aStride, last);
    transposeFour(a0, a1, a2, min(a2 + aStride, last), k, panel + (row << 2));
  }
}

/** `count` floats of four rows to [count][4] in a panel. Reads and writes up to three more of each. */
@inline
export function transposeFour(a0: usize, a1: usize, a2: usize, a3: usize, count: i32, to: usize): void {
  for (const end = a0 + (count << 2); a0 < end; a0 += 16) {
    const x0 = v128.load(a0);
    const x1 = v128.load(a1);
    const x2 = v128.load(a2);
    const x3 = v128.load(a3);
    const low01 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
    const low23 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
    v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(to, i64x2.shuffle(low01, low23, 1, 3), PANEL_BYTES);
    const high01 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const high23 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 2 * PANEL_BYTES);
    v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 3 * PANEL_BYTES);
    a1 += 16;
    a2 += 16;
    a3 += 16;
    to += 4 * PANEL_BYTES;
  }
}

function multiply28(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  multiply(7, rows, n, panel, b, sums, c, cStride, low, high);
}

function multiply16(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  multiply(4, rows, n, panel, b, sums, c, cStride, low, high);
}

function multiply8(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  multiply(2, rows, n, panel, b, sums, c, cStride, low, high);
}

/** The first 4 * `vectors` rows of a panel times all columns. `vectors` is a constant: 2, 4 or 7. */
@inline
function multiply(
  vectors: i32, rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let column = 0; column < n; column++) {
    let s0 = v128.load32_splat(b, 4);
    let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
    const end = b + 8 + (load<i32>(b) << 3);
    for (b += 8; b < end; b += 8) {
      const w = v128.load32_splat(b);
      const x = panel + load<u32>(b, 4);
      s0 = mulAdd(v128.load(x), w, s0);
      s1 = mulAdd(v128.load(x, 16), w, s1);
      if (vectors > 2) {
        s2 = mulAdd(v128.load(x, 32), w, s2);
        s3 = mulAdd(v128.load(x, 48), w, s3);
      }
      if (vectors > 4) {
        s4 = mulAdd(v128.load(x, 64), w, s4);
        s5 = mulAdd(v128.load(x, 80), w, s5);
        s6 = mulAdd(v128.load(x, 96), w, s6);
      }
    }
    const to = sums + (column & 3) * PANEL_BYTES;
    v128.store(to, clamp4(s0, least, most));
    v128.store(to, clamp4(s1, least, most), 16);
    if (vectors > 2) {
      v128.store(to, clamp4(s2, least, most), 32);
      v128.store(to, clamp4(s3, least, most), 48);
    }
    if (vectors > 4) {
      v128.store(to, clamp4(s4, least, most), 64);
      v128.store(to, clamp4(s5, least, most), 80);
      v128.store(to, clamp4(s6, least, most), 96);
    }
    if ((column & 3) == 3 || column == n - 1) {
      transposeOut(rows, sums, c + ((column & ~3) << 2), cStride, (column & 3) + 1);
    }
  }
}

/** Writes up to four columns of sums, [columns][28], as rows of `c`. Scattering lanes instead takes twice as long. */
function transposeOut(rows: i32, sums: usize, c: usize, cStride: i32, columns: i32): void {
  for (; rows > 0; rows -= 4) {
    const x0 = v128.load(sums);
    const x1 = v128.load(sums, PANEL_BYTES);
    const x2 = v128.load(sums, 2 * PANEL_BYTES);
    const x3 = v128.load(sums, 3 * PANEL_BYTES);
    const low01 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
    const low23 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const high23 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    storeF32(c, i64x2.shuffle(low01, low23, 0, 2), columns);
    if (rows > 1) storeF32(c + cStride, i64x2.shuffle(low01, low23, 1, 3), columns);
    if (rows > 2) storeF32(c + cStride * 2, i64x2.shuffle(high01, high23, 0, 2), columns);
    if (rows > 3) storeF32(c + cStride * 3, i64x2.shuffle(high01, high23, 1, 3), columns);
    sums += 16;
    c += cStride << 2;
  }
}
