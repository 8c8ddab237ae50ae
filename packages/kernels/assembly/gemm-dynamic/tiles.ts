import { dotAdd, stepBytes, tileRows, weightsHigh, weightsLow } from '../gemm-i8/steps';
import { clamp4, storeF32Pair } from '../lanes';
import { BIASES, DIVIDED, PANEL_HEADER_BYTES, panelBytes, SCALES } from '../packed-dynamic';

/** What the tiles of one product share. */
@unmanaged
export class Sweep {
  /** Where sums wait: room for those of a tile. */
  sums: usize;
  /** Rows of K, in whole fours. */
  k: i32;
  /** Bytes from one row of results to the next. */
  cStride: i32;
  /** Bytes from the unit of a row to that of the next: 8, or 0 where all have one. */
  unitStep: i32;
  /** What codes are larger than they should be. */
  added: i32;
  way: i32;
  low: f32;
  high: f32;
}

/** Bytes of scratch for a Sweep and its sums. */
export const SWEEP_BYTES: i32 = 304;

/** Sets up what does not depend on the rows. */
export function startSweep(
  scratch: usize, k: i32, cStride: i32, unitStep: i32, added: i32, way: i32, low: f32, high: f32,
): Sweep {
  const sweep = changetype<Sweep>(scratch);
  sweep.sums = scratch + 48;
  sweep.k = k;
  sweep.cStride = cStride;
  sweep.unitStep = unitStep;
  sweep.added = added;
  sweep.way = way;
  sweep.low = low;
  sweep.high = high;
  return sweep;
}

/** Rows of sums to reals: `columns` of a panel are real. Gives where the next row is. */
function finishRows(rows: i32, sums: usize, sweep: Sweep, panel: usize, columns: i32, c: usize, unit: usize): usize {
  const low = f32x4.splat(sweep.low);
  const high = f32x4.splat(sweep.high);
  const sum0 = v128.load(panel);
  const sum1 = v128.load(panel, 16);
  const bias0 = v128.load(panel, BIASES);
  const bias1 = v128.load(panel, BIASES + 16);
  for (; rows > 0; rows--) {
    let first = v128.load32_splat(unit);
    let scale0 = v128.load(panel, SCALES);
    let scale1 = v128.load(panel, SCALES + 16);
    if (sweep.way == DIVIDED) {
      scale0 = f32x4.mul(first, scale0);
      scale1 = f32x4.mul(first, scale1);
      first = f32x4.splat(1);
    }
    const zero = i32x4.splat(load<i32>(unit, 4) + sweep.added);
    const centred0 = f32x4.convert_i32x4_s(i32x4.sub(v128.load(sums), i32x4.mul(zero, sum0)));
    const centred1 = f32x4.convert_i32x4_s(i32x4.sub(v128.load(sums, 16), i32x4.mul(zero, sum1)));
    const real0 = clamp4(f32x4.add(f32x4.mul(f32x4.mul(centred0, first), scale0), bias0), low, high);
    const real1 = clamp4(f32x4.add(f32x4.mul(f32x4.mul(centred1, first), scale1), bias1), low, high);
    if (columns >= 8) {
      v128.store(c, real0);
      v128.store(c, real1, 16);
    } else storeF32Pair(c, real0, real1, columns);
    sums += 32;
    c += sweep.cStride;
    unit += sweep.unitStep;
  }
  return c;
}

/** `tiles` tiles of `rows` interleaved rows below each other, at least one, against one panel. */
@inline
function sweepTiles<T>(
  rows: i32, tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize,
): void {
  const step = rows << 2;
  const sums = sweep.sums;
  const bytes = sweep.k << 3;
  do {
    const none = i64x2.splat(0);
    let s00 = none, s10 = none, s20 = none, s30 = none, s40 = none, s50 = none;
    let s01 = none, s11 = none, s21 = none, s31 = none, s41 = none, s51 = none;
    let b = panel + PANEL_HEADER_BYTES;
    for (const end = b + bytes; b < end; b += stepBytes<T, i8>()) {
      const b0 = weightsLow<T, i8>(b);
      const b1 = weightsHigh<T, i8>(b);
      const x0 = v128.load32_splat(a);
      s00 = dotAdd<T>(s00, x0, b0);
      s01 = dotAdd<T>(s01, x0, b1);
      if (rows > 1) {
        const x1 = v128.load32_splat(a, 4);
        s10 = dotAdd<T>(s10, x1, b0);
        s11 = dotAdd<T>(s11, x1, b1);
      }
      if (rows > 2) {
        const x2 = v128.load32_splat(a, 8);
        s20 = dotAdd<T>(s20, x2, b0);
        s21 = dotAdd<T>(s21, x2, b1);
      }
      if (rows > 3) {
        const x3 = v128.load32_splat(a, 12);
        s30 = dotAdd<T>(s30, x3, b0);
        s31 = dotAdd<T>(s31, x3, b1);
      }
      if (rows > 4) {
        const x4 = v128.load32_splat(a, 16);
        s40 = dotAdd<T>(s40, x4, b0);
        s41 = dotAdd<T>(s41, x4, b1);
      }
      if (rows > 5) {
        const x5 = v128.load32_splat(a, 20);
        s50 = dotAdd<T>(s50, x5, b0);
        s51 = dotAdd<T>(s51, x5, b1);
      }
      a += step;
    }
    keep(sums, s00, s01);
    if (rows > 1) keep(sums + 32, s10, s11);
    if (rows > 2) keep(sums + 64, s20, s21);
    if (rows > 3) keep(sums + 96, s30, s31);
    if (rows > 4) keep(sums + 128, s40, s41);
    if (rows > 5) keep(sums + 160, s50, s51);
    c = finishRows(rows, sums, sweep, panel, columns, c, unit);
    unit += rows * sweep.unitStep;
  } while (--tiles);
}

@inline
function keep(sums: usize, low4: v128, high4: v128): void {
  v128.store(sums, low4);
  v128.store(sums, high4, 16);
}

function sweep1<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(1, tiles, sweep, a, panel, columns, c, unit);
}

function sweep2<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(2, tiles, sweep, a, panel, columns, c, unit);
}

function sweep3<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(3, tiles, sweep, a, panel, columns, c, unit);
}

function sweep4<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(4, tiles, sweep, a, panel, columns, c, unit);
}

function sweep5<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(5, tiles, sweep, a, panel, columns, c, unit);
}

function sweep6<T>(tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize): void {
  sweepTiles<T>(6, tiles, sweep, a, panel, columns, c, unit);
}

function sweepPanel<T>(
  rows: i32, tiles: i32, sweep: Sweep, a: usize, panel: usize, columns: i32, c: usize, unit: usize,
): void {
  if (sizeof<T>() == 1 && rows == 6) sweep6<T>(tiles, sweep, a, panel, columns, c, unit);
  else if (sizeof<T>() == 1 && rows == 5) sweep5<T>(tiles, sweep, a, panel, columns, c, unit);
  else if (rows == 4) sweep4<T>(tiles, sweep, a, panel, columns, c, unit);
  else if (rows == 3) sweep3<T>(tiles, sweep, a, panel, columns, c, unit);
  else if (rows == 2) sweep2<T>(tiles, sweep, a, panel, columns, c, unit);
  else sweep1<T>(tiles, sweep, a, panel, columns, c, unit);
}

/** Tiles of as equal a height as can be that `rows` rows make: how many there are. */
@inline
export function tilesOf<T>(rows: i32): i32 {
  return (rows + tileRows<T>() - 1) / tileRows<T>();
}

/** All panels over `m` interleaved rows: the tiles that are a row taller come first. */
export function sweepPanels<T>(
  m: i32, n: i32, sweep: Sweep, a: usize, panel: usize, c: usize, unit: usize,
): void {
  const tiles = tilesOf<T>(m);
  const rows = m / tiles;
  const taller = m - rows * tiles;
  const above = taller * (rows + 1);
  const shorterAt = a + above * sweep.k * sizeof<T>();
  for (; n > 0; n -= 8) {
    if (taller) sweepPanel<T>(rows + 1, taller, sweep, a, panel, n, c, unit);
    sweepPanel<T>(rows, tiles - taller, sweep, shorterAt, panel, n, c + above * sweep.cStride, unit + above * sweep.unitStep);
    panel += panelBytes(sweep.k);
    c += 32;
  }
}

/** One row times all panels, four at a time: eight independent sums for one load of the row. */
export function rowTimesPanels<T>(n: i32, sweep: Sweep, a: usize, panel: usize, c: usize, unit: usize): void {
  const bytes = panelBytes(sweep.k);
  for (; n > 24; n -= 32) {
    fourPanels<T>(sweep, a, panel, bytes);
    for (let i = 0; i < 4; i++) {
      finishRows(1, sweep.sums + (i << 5), sweep, panel, n - (i << 3), c, unit);
      panel += bytes;
      c += 32;
    }
  }
  for (; n > 0; n -= 8) {
    sweep1<T>(1, sweep, a, panel, n, c, unit);
    panel += bytes;
    c += 32;
  }
}

function fourPanels<T>(sweep: Sweep, a: usize, panel: usize, panelBytes: i32): void {
  const none = i64x2.splat(0);
  let s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none, s6 = none, s7 = none;
  let b0 = panel + PANEL_HEADER_BYTES;
  let b1 = b0 + panelBytes;
  let b2 = b1 + panelBytes;
  let b3 = b2 + panelBytes;
  for (const end = b0 + (sweep.k << 3); b0 < end; b0 += stepBytes<T, i8>()) {
    const x = v128.load32_splat(a);
    s0 = dotAdd<T>(s0, x, weightsLow<T, i8>(b0));
    s1 = dotAdd<T>(s1, x, weightsHigh<T, i8>(b0));
    s2 = dotAdd<T>(s2, x, weightsLow<T, i8>(b1));
    s3 = dotAdd<T>(s3, x, weightsHigh<T, i8>(b1));
    s4 = dotAdd<T>(s4, x, weightsLow<T, i8>(b2));
    s5 = dotAdd<T>(s5, x, weightsHigh<T, i8>(b2));
    s6 = dotAdd<T>(s6, x, weightsLow<T, i8>(b3));
    s7 = dotAdd<T>(s7, x, weightsHigh<T, i8>(b3));
    a += 4;
    b1 += stepBytes<T, i8>();
    b2 += stepBytes<T, i8>();
    b3 += stepBytes<T, i8>();
  }
  const sums = sweep.sums;
  keep(sums, s0, s1);
  keep(sums + 32, s2, s3);
  keep(sums + 64, s4, s5);
  keep(sums + 96, s6, s7);
}
