import { storeBytes } from '../lanes';
import { PANEL_HEADER_BYTES } from '../packed-i8';
import { finish16, finish8, multipliersAt, secondMultipliersAt } from '../requantize/simd';
import { dotAdd, stepBytes, weightsHigh, weightsLow } from './steps';

/**
 * Tiles of `rows` rows by 8 columns. Types: T is i16 for dot16 and i8 for the relaxed dot product, W is the type of
 * the packed weights; <i16, i8> widens them while they are read.
 *
 * The activations of one step of K stand together: 4 bytes (two int16 or four int8) of each row of the tile. Steps are
 * `step` bytes apart, in segments that start at a + offset; `segments` lists the offsets. A matrix product
 * has one segment; a convolution has one a kernel column, all inside a band of input rows (../conv-i8/band.ts).
 *
 * The K loop is not unrolled: unrolled it falls from 52 to 36 GMAC/s in Node 20.
 */

/** What the tiles of one sweep share. */
@unmanaged
export class Sweep {
  /** Bytes from one step of a segment to the next. */
  step: i32;
  steps: i32;
  segments: usize;
  segmentCount: i32;
  /** Bytes of activations from one tile to the next. */
  aNext: i32;
  cStride: i32;
}

/**
 * `tiles` tiles, at least one, below each other against one panel, requantized and stored; `columns` of the panel are real.
 * The loop tests at its end: V8 builds constants and splats anew in each round of others.
 */
@inline
function sweepTiles<T, W>(
  rows: i32, tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  const step = sweep.step;
  const cStride = sweep.cStride;
  const bytes = sweep.steps * stepBytes<T, W>();
  const first = sweep.segments;
  const last = first + (sweep.segmentCount << 2);
  const m0 = multipliersAt(panel + 32);
  const m1 = secondMultipliersAt(panel + 32);
  do {
    let s00 = v128.load(panel), s01 = v128.load(panel, 16);
    let s10 = s00, s20 = s00, s30 = s00, s40 = s00, s50 = s00;
    let s11 = s01, s21 = s01, s31 = s01, s41 = s01, s51 = s01;
    let b = panel + PANEL_HEADER_BYTES;
    for (let segment = first; segment < last; segment += 4) {
      let p = a + <usize>load<u32>(segment);
      for (const end = b + bytes; b < end; b += stepBytes<T, W>()) {
        const b0 = weightsLow<T, W>(b);
        const b1 = weightsHigh<T, W>(b);
        const x0 = v128.load32_splat(p);
        s00 = dotAdd<T>(s00, x0, b0);
        s01 = dotAdd<T>(s01, x0, b1);
        if (rows > 1) {
          const x1 = v128.load32_splat(p, 4);
          s10 = dotAdd<T>(s10, x1, b0);
          s11 = dotAdd<T>(s11, x1, b1);
        }
        if (rows > 2) {
          const x2 = v128.load32_splat(p, 8);
          s20 = dotAdd<T>(s20, x2, b0);
          s21 = dotAdd<T>(s21, x2, b1);
        }
        if (rows > 3) {
          const x3 = v128.load32_splat(p, 12);
          s30 = dotAdd<T>(s30, x3, b0);
          s31 = dotAdd<T>(s31, x3, b1);
        }
        if (rows > 4) {
          const x4 = v128.load32_splat(p, 16);
          s40 = dotAdd<T>(s40, x4, b0);
          s41 = dotAdd<T>(s41, x4, b1);
        }
        if (rows > 5) {
          const x5 = v128.load32_splat(p, 20);
          s50 = dotAdd<T>(s50, x5, b0);
          s51 = dotAdd<T>(s51, x5, b1);
        }
        p += step;
      }
    }
    if (rows > 1) c = storeTwo(c, finish16(s00, m0, s01, m1, s10, m0, s11, m1, low, offset, most), columns, cStride);
    if (rows > 3) c = storeTwo(c, finish16(s20, m0, s21, m1, s30, m0, s31, m1, low, offset, most), columns, cStride);
    if (rows > 5) c = storeTwo(c, finish16(s40, m0, s41, m1, s50, m0, s51, m1, low, offset, most), columns, cStride);
    if (rows == 1) c = storeOne(c, finish8(s00, m0, s01, m1, low, offset, most), columns, cStride);
    if (rows == 3) c = storeOne(c, finish8(s20, m0, s21, m1, low, offset, most), columns, cStride);
    if (rows == 5) c = storeOne(c, finish8(s40, m0, s41, m1, low, offset, most), columns, cStride);
    a += sweep.aNext;
  } while (--tiles);
}

/** Stores two rows of a tile, eight bytes each; gives the address of the next. */
@inline
function storeTwo(c: usize, bytes: v128, columns: i32, cStride: i32): usize {
  if (columns >= 8) {
    v128.store64_lane(c, bytes, 0);
    v128.store64_lane(c + cStride, bytes, 1);
  } else {
    storeBytes(c, bytes, columns);
    storeBytes(c + cStride, i64x2.shuffle(bytes, bytes, 1, 1), columns);
  }
  return c + (cStride << 1);
}

@inline
function storeOne(c: usize, bytes: v128, columns: i32, cStride: i32): usize {
  if (columns >= 8) v128.store64_lane(c, bytes, 0);
  else storeBytes(c, bytes, columns);
  return c + cStride;
}

function sweep1<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(1, tiles, sweep, a, panel, columns, c, low, offset, most);
}

function sweep2<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(2, tiles, sweep, a, panel, columns, c, low, offset, most);
}

function sweep3<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(3, tiles, sweep, a, panel, columns, c, low, offset, most);
}

function sweep4<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(4, tiles, sweep, a, panel, columns, c, low, offset, most);
}

function sweep5<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(5, tiles, sweep, a, panel, columns, c, low, offset, most);
}

function sweep6<T, W>(
  tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  sweepTiles<T, W>(6, tiles, sweep, a, panel, columns, c, low, offset, most);
}

/** `tiles` tiles of `rows` rows, 1 <= rows <= tileRows. */
@inline
export function sweepPanel<T, W>(
  rows: i32, tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  if (sizeof<T>() == 1) {
    if (rows == 6) {
      sweep6<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
      return;
    }
    if (rows == 5) {
      sweep5<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
      return;
    }
  }
  if (rows == 4) sweep4<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
  else if (rows == 3) sweep3<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
  else if (rows == 2) sweep2<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
  else sweep1<T, W>(tiles, sweep, a, panel, columns, c, low, offset, most);
}
