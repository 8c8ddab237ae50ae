import { DOT16, DOT16_NARROW, panelStride } from '../packed-i8';
import { lowBound, zeroOffset } from '../requantize/simd';
import { rowTimesPanels } from './few-rows';
import { activationShift, interleave, prepareRow } from './interleave';
import { tileRows } from './steps';
import { Sweep, sweepPanel } from './tiles';

/** Bytes of `scratch` before the rows: a Sweep and the offset of its one segment. */
const SWEEP_BYTES: i32 = 32;
/** What interleaving writes past the last tile. */
const SLACK_BYTES: i32 = 80;

/**
 * c = requantize(a * b) for packed panels at `b`, T and W as in ./tiles.ts. Blocks of rows that fit `scratch` are
 * interleaved, then each panel is swept over the block: it stays in the first-level cache, the rows in the second.
 *
 * shift: the zero point (T is i16) or what int8 activations are xored with (i8).
 */
export function product<T, W>(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  zero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  const steps = (k + 4 / sizeof<T>() - 1) / (4 / sizeof<T>());
  const panelBytes = panelStride(sizeof<T>() > sizeof<W>() ? DOT16_NARROW : DOT16, steps);
  const shift = activationShift<T>(zero);
  const low = lowBound(cLow, cZero);
  const offset = zeroOffset(cZero);
  const most = i8x16.splat(<i8>cHigh);
  const rowsAt = scratch + SWEEP_BYTES;
  if (m == 1) {
    prepareRow<T>(a, k, shift, rowsAt);
    rowTimesPanels<T, W>(steps, rowsAt, b, panelBytes, n, c, low, offset, most);
    return;
  }
  const sweep = changetype<Sweep>(scratch);
  sweep.steps = steps;
  sweep.segments = scratch + offsetof<Sweep>();
  sweep.segmentCount = 1;
  sweep.cStride = cStride;
  store<u32>(sweep.segments, 0);
  const rowBytes = steps << 2;
  const fitting = max((scratchBytes - SWEEP_BYTES - SLACK_BYTES) / max(rowBytes * tileRows<T>(), 1), 1);
  const mostRows = fitting * tileRows<T>();
  for (let blocks = (m + mostRows - 1) / mostRows; blocks > 0; blocks--) {
    // Blocks of about the same size, of whole tiles but for the last.
    const even = (m + blocks - 1) / blocks;
    const rows = min((even + tileRows<T>() - 1) / tileRows<T>() * tileRows<T>(), m);
    multiplyBlock<T, W>(rows, n, k, a, aStride, b, panelBytes, c, sweep, shift, rowsAt, low, offset, most);
    m -= rows;
    a += rows * aStride;
    c += rows * cStride;
  }
}

/** A block of rows: tiles of as equal a height as can be, 3 + 3 + 3 rows rather than 4 + 4 + 1. */
function multiplyBlock<T, W>(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, panelBytes: i32, c: usize, sweep: Sweep,
  shift: v128, rowsAt: usize, low: v128, offset: v128, most: v128,
): void {
  const rowBytes = sweep.steps << 2;
  const tiles = (m + tileRows<T>() - 1) / tileRows<T>();
  const rows = m / tiles;
  const taller = m - rows * tiles;
  const shorterAt = rowsAt + taller * (rows + 1) * rowBytes;
  interleave<T>(taller, rows + 1, a, aStride, k, shift, rowsAt, (rows + 1) * rowBytes);
  a += taller * (rows + 1) * aStride;
  interleave<T>(tiles - taller, rows, a, aStride, k, shift, shorterAt, rows * rowBytes);
  const below = taller * (rows + 1) * sweep.cStride;
  for (; n > 0; n -= 8) {
    sweep.step = (rows + 1) << 2;
    sweep.aNext = (rows + 1) * rowBytes;
    if (taller) sweepPanel<T, W>(rows + 1, taller, sweep, rowsAt, b, n, c, low, offset, most);
    sweep.step = rows << 2;
    sweep.aNext = rows * rowBytes;
    sweepPanel<T, W>(rows, tiles - taller, sweep, shorterAt, b, n, c + below, low, offset, most);
    b += panelBytes;
    c += 8;
  }
}
