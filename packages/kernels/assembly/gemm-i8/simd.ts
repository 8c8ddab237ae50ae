import { panelBytesI16 } from '../geometry';
import { storeBytes } from '../lanes';
import { finish, highBound, lowBound, zeroOffset } from '../requantize/simd';

/** Bytes of one widened row: whole vectors, so that widening may write 16 bytes at a time. */
@inline
export function widenedBytes(k: i32): i32 {
  return (k * 2 + 15) & ~15;
}

/** Rows that fit `scratchBytes`, a multiple of 4 where it can be; the last 16 bytes are slack. */
@inline
export function rowsThatFit(scratchBytes: i32, rowBytes: i32): i32 {
  const rows = (scratchBytes - 16) / max(rowBytes, 1);
  return rows >= 4 ? rows & ~3 : max(rows, 1);
}

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past a row of `a`. */
export function gemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  const rowBytes = widenedBytes(k);
  const rows = rowsThatFit(scratchBytes, rowBytes);
  for (let row = 0; row < m; row += rows) {
    const block = min(rows, m - row);
    for (let i = 0; i < block; i++) {
      widen(a + (row + i) * aStride, k, aZero, scratch + i * rowBytes);
    }
    multiplyI16(block, n, k, scratch, rowBytes, b, c + row * cStride, cStride, cZero, cLow, cHigh);
  }
}

/**
 * Subtracts the zero point and widens to int16. Doing both here makes padding plain zeros and leaves
 * the inner loop one dot product for 8 products. Writes in steps of 16 bytes, reads in steps of 8.
 */
@inline
export function widen(from: usize, count: i32, zero: i32, to: usize): void {
  const zeros = i16x8.splat(<i16>zero);
  for (let i = 0; i < count; i += 8) {
    v128.store(to + (i << 1), i16x8.sub(v128.load8x8_s(from + i), zeros));
  }
}

/**
 * Rows of int16, `aStride` bytes apart, times packed panels. With an odd k one more value of each row is read;
 * its packed weights are 0.
 */
export function multiplyI16(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  cZero: i32, cLow: i32, cHigh: i32,
): void {
  const panelBytes = panelBytesI16(k);
  const tiled = m & ~3;
  const low = lowBound(cLow, cZero);
  const high = highBound(cHigh, cZero);
  const offset = zeroOffset(cZero);
  if (tiled) {
    let panel = b;
    for (let column = 0; column < n; column += 8) {
      for (let row = 0; row < tiled; row += 4) {
        tile4x8(k, a + row * aStride, aStride, panel, c + row * cStride + column, cStride, n - column, low, high, offset);
      }
      panel += panelBytes;
    }
  }
  for (let row = tiled; row < m; row++) {
    let panel = b;
    let column = 0;
    const from = a + row * aStride;
    const to = c + row * cStride;
    for (; column + 32 <= n; column += 32) {
      tile1x32(k, from, panel, panelBytes, to + column, low, high, offset);
      panel += panelBytes << 2;
    }
    for (; column < n; column += 8) {
      tile1x8(k, from, panel, to + column, n - column, low, high, offset);
      panel += panelBytes;
    }
  }
}

@inline
function dotAdd(sums: v128, x: v128, weights: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(x, weights));
}

/** 4 rows by 8 columns. The loop is not unrolled: unrolled it falls from 52 to 36 GMAC/s in Node 20. */
function tile4x8(
  k: i32, a0: usize, aStride: i32, header: usize, c: usize, cStride: i32, columns: i32,
  low: v128, high: v128, offset: v128,
): void {
  let s00 = v128.load(header);
  let s01 = v128.load(header, 16);
  let s10 = s00, s20 = s00, s30 = s00;
  let s11 = s01, s21 = s01, s31 = s01;
  let b = header + 64;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  for (const end = a0 + (k << 1); a0 < end; ) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    s00 = dotAdd(s00, x0, b0);
    s01 = dotAdd(s01, x0, b1);
    const x1 = v128.load32_splat(a1);
    s10 = dotAdd(s10, x1, b0);
    s11 = dotAdd(s11, x1, b1);
    const x2 = v128.load32_splat(a2);
    s20 = dotAdd(s20, x2, b0);
    s21 = dotAdd(s21, x2, b1);
    const x3 = v128.load32_splat(a3);
    s30 = dotAdd(s30, x3, b0);
    s31 = dotAdd(s31, x3, b1);
    b += 32;
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  const r0 = finish(s00, s01, header, low, high, offset);
  const r1 = finish(s10, s11, header, low, high, offset);
  const r2 = finish(s20, s21, header, low, high, offset);
  const r3 = finish(s30, s31, header, low, high, offset);
  const count = min(columns, 8);
  storeBytes(c, r0, count);
  storeBytes(c + cStride, r1, count);
  storeBytes(c + cStride * 2, r2, count);
  storeBytes(c + cStride * 3, r3, count);
}

/** One row over four panels: eight independent sums. */
function tile1x32(
  k: i32, a: usize, h0: usize, panelBytes: i32, c: usize, low: v128, high: v128, offset: v128,
): void {
  const h1 = h0 + panelBytes;
  const h2 = h1 + panelBytes;
  const h3 = h2 + panelBytes;
  let s0 = v128.load(h0), s1 = v128.load(h0, 16);
  let s2 = v128.load(h1), s3 = v128.load(h1, 16);
  let s4 = v128.load(h2), s5 = v128.load(h2, 16);
  let s6 = v128.load(h3), s7 = v128.load(h3, 16);
  let b0 = h0, b1 = h1, b2 = h2, b3 = h3;
  for (const end = a + (k << 1); a < end; a += 4) {
    const x = v128.load32_splat(a);
    s0 = dotAdd(s0, x, v128.load(b0, 64));
    s1 = dotAdd(s1, x, v128.load(b0, 80));
    s2 = dotAdd(s2, x, v128.load(b1, 64));
    s3 = dotAdd(s3, x, v128.load(b1, 80));
    s4 = dotAdd(s4, x, v128.load(b2, 64));
    s5 = dotAdd(s5, x, v128.load(b2, 80));
    s6 = dotAdd(s6, x, v128.load(b3, 64));
    s7 = dotAdd(s7, x, v128.load(b3, 80));
    b0 += 32;
    b1 += 32;
    b2 += 32;
    b3 += 32;
  }
  v128.store64_lane(c, finish(s0, s1, h0, low, high, offset), 0);
  v128.store64_lane(c, finish(s2, s3, h1, low, high, offset), 0, 8);
  v128.store64_lane(c, finish(s4, s5, h2, low, high, offset), 0, 16);
  v128.store64_lane(c, finish(s6, s7, h3, low, high, offset), 0, 24);
}

function tile1x8(
  k: i32, a: usize, header: usize, c: usize, columns: i32, low: v128, high: v128, offset: v128,
): void {
  let s0 = v128.load(header);
  let s1 = v128.load(header, 16);
  let b = header;
  for (const end = a + (k << 1); a < end; a += 4) {
    const x = v128.load32_splat(a);
    s0 = dotAdd(s0, x, v128.load(b, 64));
    s1 = dotAdd(s1, x, v128.load(b, 80));
    b += 32;
  }
  storeBytes(c, finish(s0, s1, header, low, high, offset), min(columns, 8));
}
