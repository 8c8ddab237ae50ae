import { panelBytesF32 } from '../geometry';
import { clamp4, storeF32Pair } from '../lanes';

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
  const tiled = rows & ~3;
  const last = (n - 1) >> 3;
  for (let first = 0; first <= last; first += GROUP) {
    const end = min(first + GROUP - 1, last);
    if (tiled) {
      for (let panel = first; panel <= end; panel++) {
        const from = b + panel * panelBytes;
        tiles4x8(tiled, n - (panel << 3), runs, run, a, aStride, table, from, c + (panel << 5), cStride, low, high);
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
        s00 = f32x4.add(s00, f32x4.mul(x0, b0));
        s01 = f32x4.add(s01, f32x4.mul(x0, b1));
        const x1 = v128.load32_splat(a1);
        s10 = f32x4.add(s10, f32x4.mul(x1, b0));
        s11 = f32x4.add(s11, f32x4.mul(x1, b1));
        const x2 = v128.load32_splat(a2);
        s20 = f32x4.add(s20, f32x4.mul(x2, b0));
        s21 = f32x4.add(s21, f32x4.mul(x2, b1));
        const x3 = v128.load32_splat(a3);
        s30 = f32x4.add(s30, f32x4.mul(x3, b0));
        s31 = f32x4.add(s31, f32x4.mul(x3, b1));
        if (left == 1) break;
        const b2 = v128.load(b, 32);
        const b3 = v128.load(b, 48);
        const y0 = v128.load32_splat(a0, 4);
        s00 = f32x4.add(s00, f32x4.mul(y0, b2));
        s01 = f32x4.add(s01, f32x4.mul(y0, b3));
        const y1 = v128.load32_splat(a1, 4);
        s10 = f32x4.add(s10, f32x4.mul(y1, b2));
        s11 = f32x4.add(s11, f32x4.mul(y1, b3));
        const y2 = v128.load32_splat(a2, 4);
        s20 = f32x4.add(s20, f32x4.mul(y2, b2));
        s21 = f32x4.add(s21, f32x4.mul(y2, b3));
        const y3 = v128.load32_splat(a3, 4);
        s30 = f32x4.add(s30, f32x4.mul(y3, b2));
        s31 = f32x4.add(s31, f32x4.mul(y3, b3));
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
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b0, 32)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b0, 48)));
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b1, 32)));
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b1, 48)));
      s4 = f32x4.add(s4, f32x4.mul(x, v128.load(b2, 32)));
      s5 = f32x4.add(s5, f32x4.mul(x, v128.load(b2, 48)));
      if (left == 1) {
        b0 += 32;
        b1 += 32;
        b2 += 32;
        break;
      }
      const y = v128.load32_splat(a, 4);
      s0 = f32x4.add(s0, f32x4.mul(y, v128.load(b0, 64)));
      s1 = f32x4.add(s1, f32x4.mul(y, v128.load(b0, 80)));
      s2 = f32x4.add(s2, f32x4.mul(y, v128.load(b1, 64)));
      s3 = f32x4.add(s3, f32x4.mul(y, v128.load(b1, 80)));
      s4 = f32x4.add(s4, f32x4.mul(y, v128.load(b2, 64)));
      s5 = f32x4.add(s5, f32x4.mul(y, v128.load(b2, 80)));
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
