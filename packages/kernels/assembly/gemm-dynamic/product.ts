import { activationShift, interleave, prepareRow } from '../gemm-i8/interleave';
import { tileRows } from '../gemm-i8/steps';
import { addedTo, wholeFours } from '../packed-dynamic';
import { rowTimesPanels, startSweep, Sweep, SWEEP_BYTES, sweepPanels, tilesOf } from './tiles';

/** What interleaving writes past the last tile. */
export const SLACK_BYTES: i32 = 80;

/** What codes are xored with, so that they are what the machine multiplies: x + 128 where something is added. */
@inline
export function shiftFor<T>(format: i32): v128 {
  return activationShift<T>(sizeof<T>() == 1 ? addedTo(format) : 0);
}

/** As gemmDynamic of ./scalar.ts. T is i16 for dot16, i8 for the relaxed dot product. */
export function product<T>(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, units: usize, unitStep: i32, b: usize, c: usize, cStride: i32,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  const padded = wholeFours(k);
  const added = sizeof<T>() == 1 ? addedTo(format) : 0;
  const sweep = startSweep(scratch, padded, cStride << 2, unitStep, added, way, low, high);
  const shift = shiftFor<T>(format);
  const rowsAt = scratch + SWEEP_BYTES;
  if (m == 1) {
    prepareRow<T>(a, k, shift, rowsAt);
    rowTimesPanels<T>(n, sweep, rowsAt, b, c, units);
    return;
  }
  const tileBytes = max(padded * sizeof<T>() * tileRows<T>(), 1);
  const most = max((scratchBytes - SWEEP_BYTES - SLACK_BYTES) / tileBytes, 1) * tileRows<T>();
  for (let blocks = (m + most - 1) / most; blocks > 0; blocks--) {
    // Blocks of about the same size, of whole tiles but for the last.
    const even = (m + blocks - 1) / blocks;
    const rows = min((even + tileRows<T>() - 1) / tileRows<T>() * tileRows<T>(), m);
    if (rows == 0) return;
    interleaveRows<T>(rows, a, aStride, k, shift, rowsAt, padded);
    sweepPanels<T>(rows, n, sweep, rowsAt, b, c, units);
    m -= rows;
    a += rows * aStride;
    c += rows * sweep.cStride;
    units += rows * unitStep;
  }
}

/** Rows in the tiles that `sweepPanels` reads, at `to`. */
function interleaveRows<T>(m: i32, a: usize, aStride: i32, k: i32, shift: v128, to: usize, padded: i32): void {
  const tiles = tilesOf<T>(m);
  const rows = m / tiles;
  const taller = m - rows * tiles;
  const rowBytes = padded * sizeof<T>();
  interleave<T>(taller, rows + 1, a, aStride, k, shift, to, (rows + 1) * rowBytes);
  const above = taller * (rows + 1);
  interleave<T>(tiles - taller, rows, a + above * aStride, aStride, k, shift, to + above * rowBytes, rows * rowBytes);
}
