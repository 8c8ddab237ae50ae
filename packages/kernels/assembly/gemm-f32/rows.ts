import { panelBytesF32 } from '../geometry';
import { clamp4, storeF32Pair } from '../lanes';
import { mulAdd } from '../mul-add';

/** Panels that tail rows take together: six sums are independent enough, eight would leave the 16 registers of x64. */
const GROUP: i32 = 3;

/*
 * How the inner loops are written, and why. V8 puts all loads of a straight piece of code before its arithmetic:
 * two steps of k in one piece need more than 16 registers and spill, which is what makes unrolling slow. A branch
 * between the steps, here the end of an odd run, keeps them apart. So unrolled, 4 x 8 takes 26 instructions for
 * 16 of arithmetic, and that count is what decides: 96 % of the peak in Node 20 and 95 % in Chromium at 512,
 * where the plain loop took 83 and 92 (Zen 4, which issues 6 a cycle).
 */

/**
 * c[rows, n] = clamp(a * b + bias) where a row of `a` is `runs` pieces of `run` floats.
 *
 * table 0: row r is at a + r * aStride, and runs is 1. Else `a` is not read: table holds u32 addresses in groups of
 * four rows, for each group and run those of its four rows. Strides are in bytes. Sums are ordered by k.
 */
export function multiplyRowsF32(
  rows: i32, n: i32, runs: i32, run: i32, a: usize, aStride: i32, table: usize, b: usize, c: usize, cStride: i32,
  low: f32, high: f32,
): void {
  const panelBytes = panelBytesF32(runs * run);
  let sixes = 0;
  // @ts-ignore: a constant of the command line
  if (isDefined(FAST_MATH)) sixes = table ? 0 : rows / 6 * 6;
  const tiled = sixes + ((rows - sixes) & ~3);
  const last = (n - 1) >> 3;
  for (let first = 0; first <= last; first += GROUP) {
    const end = min(first + GROUP - 1, last);
    for (let panel = first; panel <= end; panel++) {
      const from = b + panel * panelBytes;
      const to = c + (panel << 5);
      const columns = n - (panel << 3);
      // @ts-ignore: a constant of the command line
      if (isDefined(FAST_MATH)) tiles6x8(sixes, columns, run, a, aStride, from, to, cStride, low, high);
      if (tiled > sixes) {
        tiles4x8(
          tiled - sixes, columns, runs, run, a + sixes * aStride, aStride, table, from, to + sixes * cStride, cStride,
          low, high,
        );
      }
    }
    for (let row = tiled; row < rows; row++) {
      const taps = table ? table + (tiled * runs + (row & 3)) * 4 : 0;
      tile1x24(
        n - (first << 3), runs, run, a + row * aStride, taps, b + first * panelBytes, panelBytes, end - first,
        c + row * cStride + (first << 5), low, high,
      );
    }
  }
}

/** All whole tiles of four rows over one panel of 8 columns: 8 sums, 2 weights, 4 inputs, 1 product at a time. */
function tiles4x8(
  rows: i32, columns: i32, runs: i32, run: i32, a: usize, aStride: i32, table: usize, panel: usize, c: usize,
  cStride: i32, low: f32, high: f32,
): void {
  for (let row = 0; row < rows; row += 4) {
    let s00 = v128.load(panel);
    let s01 = v128.load(panel, 16);
    let s10 = s00, s20 = s00, s30 = s00;
    let s11 = s01, s21 = s01, s31 = s01;
    let next = panel + 32;
    for (let i = 0; i < runs; i++) {
      let a0 = a;
      let a1 = a0 + aStride;
      let a2 = a1 + aStride;
      let a3 = a2 + aStride;
      if (table) {
        a0 = load<u32>(table);
        a1 = load<u32>(table, 4);
        a2 = load<u32>(table, 8);
        a3 = load<u32>(table, 12);
        table += 16;
      }
      let b = next;
      next += run << 5;
      for (let left = run; left > 0; left -= 2) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const x0 = v128.load32_splat(a0);
        s00 = mulAdd(x0, b0, s00);
        s01 = mulAdd(x0, b1, s01);
        const x1 = v128.load32_splat(a1);
        s10 = mulAdd(x1, b0, s10);
        s11 = mulAdd(x1, b1, s11);
        const x2 = v128.load32_splat(a2);
        s20 = mulAdd(x2, b0, s20);
        s21 = mulAdd(x2, b1, s21);
        const x3 = v128.load32_splat(a3);
        s30 = mulAdd(x3, b0, s30);
        s31 = mulAdd(x3, b1, s31);
        if (left == 1) break;
        const b2 = v128.load(b, 32);
        const b3 = v128.load(b, 48);
        const y0 = v128.load32_splat(a0, 4);
        s00 = mulAdd(y0, b2, s00);
        s01 = mulAdd(y0, b3, s01);
        const y1 = v128.load32_splat(a1, 4);
        s10 = mulAdd(y1, b2, s10);
        s11 = mulAdd(y1, b3, s11);
        const y2 = v128.load32_splat(a2, 4);
        s20 = mulAdd(y2, b2, s20);
        s21 = mulAdd(y2, b3, s21);
        const y3 = v128.load32_splat(a3, 4);
        s30 = mulAdd(y3, b2, s30);
        s31 = mulAdd(y3, b3, s31);
        b += 64;
        a0 += 8;
        a1 += 8;
        a2 += 8;
        a3 += 8;
      }
    }
    const least = f32x4.splat(low);
    const most = f32x4.splat(high);
    s00 = clamp4(s00, least, most);
    s01 = clamp4(s01, least, most);
    s10 = clamp4(s10, least, most);
    s11 = clamp4(s11, least, most);
    s20 = clamp4(s20, least, most);
    s21 = clamp4(s21, least, most);
    s30 = clamp4(s30, least, most);
    s31 = clamp4(s31, least, most);
    const c1 = c + cStride;
    const c2 = c1 + cStride;
    const c3 = c2 + cStride;
    if (columns >= 8) {
      v128.store(c, s00);
      v128.store(c, s01, 16);
      v128.store(c1, s10);
      v128.store(c1, s11, 16);
      v128.store(c2, s20);
      v128.store(c2, s21, 16);
      v128.store(c3, s30);
      v128.store(c3, s31, 16);
    } else {
      storeF32Pair(c, s00, s01, columns);
      storeF32Pair(c1, s10, s11, columns);
      storeF32Pair(c2, s20, s21, columns);
      storeF32Pair(c3, s30, s31, columns);
    }
    c = c3 + cStride;
    a += aStride << 2;
  }
}

/**
 * All whole tiles of six rows over one panel, where multiplying and adding is one instruction: it takes four cycles, and
 * twelve sums keep two of them busy that eight do not (22.9 GMAC/s for 20.5, Sapphire Rapids). With two instructions
 * they are what bounds the product, and six rows give what four do.
 */
function tiles6x8(
  rows: i32, columns: i32, k: i32, a: usize, aStride: i32, panel: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let row = 0; row < rows; row += 6) {
    let b = panel + 32;
    let s00 = v128.load(panel);
    let s01 = v128.load(panel, 16);
    let s10 = s00, s20 = s00, s30 = s00, s40 = s00, s50 = s00;
    let s11 = s01, s21 = s01, s31 = s01, s41 = s01, s51 = s01;
    let a0 = a;
    let a1 = a0 + aStride;
    let a2 = a1 + aStride;
    let a3 = a2 + aStride;
    let a4 = a3 + aStride;
    let a5 = a4 + aStride;
    for (let left = k; left > 0; left--) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a0);
      s00 = mulAdd(x0, b0, s00);
      s01 = mulAdd(x0, b1, s01);
      const x1 = v128.load32_splat(a1);
      s10 = mulAdd(x1, b0, s10);
      s11 = mulAdd(x1, b1, s11);
      const x2 = v128.load32_splat(a2);
      s20 = mulAdd(x2, b0, s20);
      s21 = mulAdd(x2, b1, s21);
      const x3 = v128.load32_splat(a3);
      s30 = mulAdd(x3, b0, s30);
      s31 = mulAdd(x3, b1, s31);
      const x4 = v128.load32_splat(a4);
      s40 = mulAdd(x4, b0, s40);
      s41 = mulAdd(x4, b1, s41);
      const x5 = v128.load32_splat(a5);
      s50 = mulAdd(x5, b0, s50);
      s51 = mulAdd(x5, b1, s51);
      b += 32;
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
    }
    storeRow(c, s00, s01, columns, least, most);
    storeRow(c + cStride, s10, s11, columns, least, most);
    storeRow(c + cStride * 2, s20, s21, columns, least, most);
    storeRow(c + cStride * 3, s30, s31, columns, least, most);
    storeRow(c + cStride * 4, s40, s41, columns, least, most);
    storeRow(c + cStride * 5, s50, s51, columns, least, most);
    c += cStride * 6;
    a += aStride * 6;
  }
}

@inline
function storeRow(c: usize, low: v128, high: v128, columns: i32, least: v128, most: v128): void {
  storeF32Pair(c, clamp4(low, least, most), clamp4(high, least, most), columns);
}

/**
 * One row over three panels; `more` is how many panels follow the first, 0 to 2: missing ones repeat the last, unstored.
 * table: the addresses of this row, 16 bytes apart, or 0.
 */
function tile1x24(
  columns: i32, runs: i32, run: i32, a: usize, table: usize, b0: usize, panelBytes: i32, more: i32, c: usize,
  low: f32, high: f32,
): void {
  let b1 = b0 + panelBytes * min(more, 1);
  let b2 = b0 + panelBytes * more;
  let s0 = v128.load(b0), s1 = v128.load(b0, 16);
  let s2 = v128.load(b1), s3 = v128.load(b1, 16);
  let s4 = v128.load(b2), s5 = v128.load(b2, 16);
  for (let i = 0; i < runs; i++) {
    if (table) {
      a = load<u32>(table);
      table += 16;
    }
    for (let left = run; left > 0; left -= 2) {
      const x = v128.load32_splat(a);
      s0 = mulAdd(x, v128.load(b0, 32), s0);
      s1 = mulAdd(x, v128.load(b0, 48), s1);
      s2 = mulAdd(x, v128.load(b1, 32), s2);
      s3 = mulAdd(x, v128.load(b1, 48), s3);
      s4 = mulAdd(x, v128.load(b2, 32), s4);
      s5 = mulAdd(x, v128.load(b2, 48), s5);
      if (left == 1) {
        b0 += 32;
        b1 += 32;
        b2 += 32;
        break;
      }
      const y = v128.load32_splat(a, 4);
      s0 = mulAdd(y, v128.load(b0, 64), s0);
      s1 = mulAdd(y, v128.load(b0, 80), s1);
      s2 = mulAdd(y, v128.load(b1, 64), s2);
      s3 = mulAdd(y, v128.load(b1, 80), s3);
      s4 = mulAdd(y, v128.load(b2, 64), s4);
      s5 = mulAdd(y, v128.load(b2, 80), s5);
      a += 8;
      b0 += 64;
      b1 += 64;
      b2 += 64;
    }
  }
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  storeF32Pair(c, clamp4(s0, least, most), clamp4(s1, least, most), columns);
  if (more > 0) storeF32Pair(c + 32, clamp4(s2, least, most), clamp4(s3, least, most), columns - 8);
  if (more > 1) storeF32Pair(c + 64, clamp4(s4, least, most), clamp4(s5, least, most), columns - 16);
}
