import { storeBytes } from '../lanes';
import { highReal, lowReal, magicOffset, requantize4 } from '../requantize/simd';
import { PANEL_BYTES } from './scalar';

/**
 * Rows of a block: three vectors of int16. With a fourth, accumulators and loads do not fit the 15 registers of
 * Node 20: 20 GMAC/s instead of 26.
 */
export const ROWS: i32 = 24;

/**
 * As ./scalar.ts, bit for bit. Blocks of rows of `a` are transposed into `scratch` and widened to int16 with the
 * zero point subtracted. Two weights of a column that are not zero, whichever they are, multiply the interleaved
 * rows of their k: one dot product for 8 products. Reads up to 15 bytes past a row of `a`.
 */
export function sparseGemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize,
): void {
  const sums = scratch + ((k + 7) & ~7) * PANEL_BYTES;
  for (let row = 0; row < m; row += ROWS) {
    const rows = min(m - row, ROWS);
    const to = c + row * cStride;
    transposeIn(a + row * aStride, aStride, rows, k, aZero, scratch);
    multiplyPanel(rows, n, scratch, b, sums, to, cStride, cZero, cLow, cHigh);
  }
}

/** `rows` rows, at most 24, of a panel [k][24] of int16 times all columns. */
export function multiplyPanel(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  if (rows > 16) multiply24(rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
  else if (rows > 8) multiply16(rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
  else multiply8(rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
}

@inline
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function lowWords(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function highWords(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

@inline
function lowPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5);
}

@inline
function highPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7);
}

/** [rows, k] int8 to [k][24] int16 less the zero point. Rows past the last repeat it: their sums are never stored. */
function transposeIn(a: usize, aStride: i32, rows: i32, k: i32, zero: i32, panel: usize): void {
  const last = a + (rows - 1) * aStride;
  const zeros = i16x8.splat(<i16>zero);
  for (let row = 0; row < rows; row += 8) {
    const a0 = a + row * aStride;
    const a1 = min(a0 + aStride, last);
    const a2 = min(a1 + aStride, last);
    const a3 = min(a2 + aStride, last);
    const a4 = min(a3 + aStride, last);
    const a5 = min(a4 + aStride, last);
    const a6 = min(a5 + aStride, last);
    const a7 = min(a6 + aStride, last);
    transposeEight(a0, a1, a2, a3, a4, a5, a6, a7, k, zeros, panel + (row << 1));
  }
}

/** `count` int8 of eight rows to [count][8] int16 in a panel. Reads and writes up to seven more of each. */
@inline
export function transposeEight(
  a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize,
  count: i32, zeros: v128, to: usize,
): void {
  for (let i = 0; i < count; i += 8) {
    const x01 = lowBytes(v128.load64_zero(a0 + i), v128.load64_zero(a1 + i));
    const x23 = lowBytes(v128.load64_zero(a2 + i), v128.load64_zero(a3 + i));
    const x45 = lowBytes(v128.load64_zero(a4 + i), v128.load64_zero(a5 + i));
    const x67 = lowBytes(v128.load64_zero(a6 + i), v128.load64_zero(a7 + i));
    const low03 = lowWords(x01, x23);
    const low47 = lowWords(x45, x67);
    storeTwo(to, lowPairs(low03, low47), zeros);
    storeTwo(to + 2 * PANEL_BYTES, highPairs(low03, low47), zeros);
    const high03 = highWords(x01, x23);
    const high47 = highWords(x45, x67);
    storeTwo(to + 4 * PANEL_BYTES, lowPairs(high03, high47), zeros);
    storeTwo(to + 6 * PANEL_BYTES, highPairs(high03, high47), zeros);
    to += 8 * PANEL_BYTES;
  }
}

/** Eight rows of one k and of the next. */
@inline
function storeTwo(to: usize, bytes: v128, zeros: v128): void {
  v128.store(to, i16x8.sub(i16x8.extend_low_i8x16_s(bytes), zeros));
  v128.store(to, i16x8.sub(i16x8.extend_high_i8x16_s(bytes), zeros), PANEL_BYTES);
}

function multiply24(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  multiply(3, rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
}

function multiply16(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  multiply(2, rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
}

function multiply8(
  rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  multiply(1, rows, n, panel, b, sums, c, cStride, cZero, cLow, cHigh);
}

@inline
function dotAdd(sums: v128, x: v128, w: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(x, w));
}

/** The first 8 * `vectors` rows of a panel times all columns. `vectors` is a constant: 1, 2 or 3. */
@inline
function multiply(
  vectors: i32, rows: i32, n: i32, panel: usize, b: usize, sums: usize, c: usize, cStride: i32,
  cZero: i32, cLow: i32, cHigh: i32,
): void {
  const low = lowReal(cLow, cZero);
  const high = highReal(cHigh, cZero);
  const offset = magicOffset(cZero);
  for (let column = 0; column < n; column++) {
    let s0 = v128.load32_splat(b, 4);
    let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
    const multiplier = v128.load32_splat(b, 8);
    const end = b + 12 + (load<i32>(b) << 3);
    for (b += 12; b < end; b += 8) {
      const w = v128.load32_splat(b);
      const x = panel + (<u32>load<u16>(b, 4) << 4);
      const y = panel + (<u32>load<u16>(b, 6) << 4);
      const x0 = v128.load(x);
      const y0 = v128.load(y);
      s0 = dotAdd(s0, lowWords(x0, y0), w);
      s1 = dotAdd(s1, highWords(x0, y0), w);
      if (vectors > 1) {
        const x1 = v128.load(x, 16);
        const y1 = v128.load(y, 16);
        s2 = dotAdd(s2, lowWords(x1, y1), w);
        s3 = dotAdd(s3, highWords(x1, y1), w);
      }
      if (vectors > 2) {
        const x2 = v128.load(x, 32);
        const y2 = v128.load(y, 32);
        s4 = dotAdd(s4, lowWords(x2, y2), w);
        s5 = dotAdd(s5, highWords(x2, y2), w);
      }
    }
    const to = sums + ((column & 7) << 5);
    s0 = requantize4(s0, multiplier, low, high, offset);
    s1 = requantize4(s1, multiplier, low, high, offset);
    if (vectors > 1) {
      s2 = requantize4(s2, multiplier, low, high, offset);
      s3 = requantize4(s3, multiplier, low, high, offset);
    }
    v128.store(to, i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(s0, s1), i16x8.narrow_i32x4_s(s2, s3)));
    if (vectors > 2) {
      s4 = requantize4(s4, multiplier, low, high, offset);
      s5 = requantize4(s5, multiplier, low, high, offset);
      const words = i16x8.narrow_i32x4_s(s4, s5);
      v128.store64_lane(to, i8x16.narrow_i16x8_s(words, words), 0, 16);
    }
    if ((column & 7) == 7 || column == n - 1) {
      transposeOut(rows, sums, c + (column & ~7), cStride, (column & 7) + 1);
    }
  }
}

/** Writes up to eight columns of results, [columns][32] bytes, as rows of `c`. */
function transposeOut(rows: i32, sums: usize, c: usize, cStride: i32, columns: i32): void {
  for (; rows > 0; rows -= 8) {
    const x01 = lowBytes(v128.load64_zero(sums), v128.load64_zero(sums, 32));
    const x23 = lowBytes(v128.load64_zero(sums, 64), v128.load64_zero(sums, 96));
    const x45 = lowBytes(v128.load64_zero(sums, 128), v128.load64_zero(sums, 160));
    const x67 = lowBytes(v128.load64_zero(sums, 192), v128.load64_zero(sums, 224));
    const low03 = lowWords(x01, x23);
    const low47 = lowWords(x45, x67);
    c = storeRows(c, cStride, lowPairs(low03, low47), columns, rows);
    c = storeRows(c, cStride, highPairs(low03, low47), columns, rows - 2);
    const high03 = highWords(x01, x23);
    const high47 = highWords(x45, x67);
    c = storeRows(c, cStride, lowPairs(high03, high47), columns, rows - 4);
    c = storeRows(c, cStride, highPairs(high03, high47), columns, rows - 6);
    sums += 8;
  }
}

/** Stores the two rows of up to eight bytes in `bytes`, as far as there are rows; returns where the next one goes. */
@inline
function storeRows(c: usize, cStride: i32, bytes: v128, columns: i32, rows: i32): usize {
  if (columns == 8 && rows > 1) {
    v128.store64_lane(c, bytes, 0);
    v128.store64_lane(c + cStride, bytes, 1);
  } else {
    if (rows > 0) storeBytes(c, bytes, columns);
    if (rows > 1) storeBytes(c + cStride, i64x2.shuffle(bytes, bytes, 1, 1), columns);
  }
  return c + cStride * 2;
}
