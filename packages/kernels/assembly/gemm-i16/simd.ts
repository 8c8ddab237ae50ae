import { chunkOf, HEADER_BYTES, kindOf, PANEL_HEADER_BYTES, panelBytes, stepsOf } from '../packed-i16';
import { addSums, bound, finishSums, storeWords } from '../requantize/sum-i16-simd';

/** Bytes of rows that stay in the first-level cache while a panel passes. */
const BLOCK_BYTES: i32 = 1 << 15;
const TILE_ROWS: i32 = 4;

/** As ./scalar.ts, bit for bit. Reads up to 2 bytes past a row of `a`. */
export function gemmI16(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  cZero: i32, cLow: i32, cHigh: i32, scratch: usize,
): void {
  const low = bound(cLow, cZero);
  const high = bound(cHigh, cZero);
  const rows = max(BLOCK_BYTES / max(k << 1, 1), 1) * TILE_ROWS;
  const bytes = panelBytes(stepsOf(b));
  for (; m > 0; m -= rows) {
    let panel = b + HEADER_BYTES;
    for (let column = 0; column < n; column += 8) {
      const to = c + (column << 1);
      sweep(min(m, rows), a, aStride << 1, b, panel, to, cStride << 1, min(n - column, 8), cZero, low, high, scratch);
      panel += bytes;
    }
    a += (rows * aStride) << 1;
    c += (rows * cStride) << 1;
  }
}

/** One panel over rows that are aStride and cStride bytes apart. */
function sweep(
  rows: i32, a: usize, aStride: i32, b: usize, panel: usize, c: usize, cStride: i32, columns: i32,
  zero: i32, low: v128, high: v128, sums: usize,
): void {
  for (; rows > 0; rows -= TILE_ROWS) {
    const count = min(rows, TILE_ROWS);
    const steps = stepsOf(b);
    for (let row = 0; row < count; row++) {
      for (let i: usize = 0; i < 64; i += 16) v128.store(sums + (row << 6) + i, v128.load(panel + i));
    }
    for (let first = 0; first < steps; first += chunkOf(b)) {
      const from = a + (first << 2);
      const weights = panel + PANEL_HEADER_BYTES + (first << 5);
      const taken = min(steps - first, chunkOf(b));
      if (count == 4) tile4(taken, from, aStride, weights, sums);
      else if (count == 3) tile3(taken, from, aStride, weights, sums);
      else if (count == 2) tile2(taken, from, aStride, weights, sums);
      else tile1(taken, from, aStride, weights, sums);
    }
    for (let row = 0; row < count; row++) {
      storeWords(c, finishSums(sums + (row << 6), panel, kindOf(b), zero, low, high), columns);
      c += cStride;
    }
    a += aStride * TILE_ROWS;
  }
}

/** Adds the products of a chunk to the sums of `rows` rows. */
@inline
function tile(rows: i32, steps: i32, a: usize, aStride: i32, b: usize, sums: usize): void {
  const none = i64x2.splat(0);
  let s00 = none, s01 = none, s10 = none, s11 = none, s20 = none, s21 = none, s30 = none, s31 = none;
  const a1 = a + aStride;
  const a2 = a1 + aStride;
  const a3 = a2 + aStride;
  const end = <usize>steps << 2;
  for (let i: usize = 0; i < end; i += 4) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load32_splat(a + i);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x0, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x0, b1));
    if (rows > 1) {
      const x1 = v128.load32_splat(a1 + i);
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x1, b0));
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x1, b1));
    }
    if (rows > 2) {
      const x2 = v128.load32_splat(a2 + i);
      s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x2, b0));
      s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x2, b1));
    }
    if (rows > 3) {
      const x3 = v128.load32_splat(a3 + i);
      s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x3, b0));
      s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x3, b1));
    }
  }
  addSums(sums, s00, s01);
  if (rows > 1) addSums(sums + 64, s10, s11);
  if (rows > 2) addSums(sums + 128, s20, s21);
  if (rows > 3) addSums(sums + 192, s30, s31);
}

function tile1(steps: i32, a: usize, aStride: i32, b: usize, sums: usize): void {
  tile(1, steps, a, aStride, b, sums);
}

function tile2(steps: i32, a: usize, aStride: i32, b: usize, sums: usize): void {
  tile(2, steps, a, aStride, b, sums);
}

function tile3(steps: i32, a: usize, aStride: i32, b: usize, sums: usize): void {
  tile(3, steps, a, aStride, b, sums);
}

function tile4(steps: i32, a: usize, aStride: i32, b: usize, sums: usize): void {
  tile(4, steps, a, aStride, b, sums);
}
