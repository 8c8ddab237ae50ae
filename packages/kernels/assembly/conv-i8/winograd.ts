import { dotAdd } from '../gemm-i8/steps';
import { zipHigh, zipLow } from '../gemm-i8/interleave';
import { Geometry } from '../geometry';
import { storeBytes } from '../lanes';
import { HEADER_BYTES, PANEL_HEADER_BYTES, stepsOf } from '../packed-i8';
import { finish, highBound, lowBound, zeroOffset } from '../requantize/simd';

/**
 * 3x3 convolution by exact integer Winograd F(2x2, 3x3): 16 products make the 4 outputs of a tile that take 36.
 *
 * With d the 4x4 inputs less the zero point (within 255) and g the weights, the transformed inputs B^T d B are within
 * 1020 and the weights (2G) g (2G)^T, made by `packConvI8`, within 1152 (2295 with a weight zero point): all int16.
 * The output transform adds and subtracts int32, so a sum comes out as 4 times its true value modulo 2^32, which is exact
 * because packing has checked that 4 times the largest sum fits.
 *
 * Rows of the result are those of the direct kernel, bit for bit.
 *
 * @see Lavin and Gray 2016 (arXiv:1509.09308), section 4.1
 */

/** Tile rows whose vertically transformed lines are kept: four tiles in a row of tiles may span four. */
const SLOTS: i32 = 4;
/** What storing may write past the end, and what `oddLines` adds. */
const SLACK_BYTES: i32 = 64 + 2 * 16 * 64;

@unmanaged
class Plan {
  /** Tiles of a row of tiles. */
  tilesX: i32;
  /** Steps of K of a position, and their bytes in a group of four tiles. */
  steps: i32;
  groupBytes: i32;
  pixelBytes: i32;
  lineBytes: i32;
  /** An input row of padding, then the transformed lines. */
  padding: usize;
  lines: usize;
  /** Products by position, tile, column, and transformed inputs by position, group of tiles, step. */
  products: usize;
  inputs: usize;
}

/** An odd number of cache lines: sixteen positions a power of two apart would fall into the same few cache sets. */
@inline
function oddLines(bytes: i32): i32 {
  return bytes & 64 ? bytes : bytes + 64;
}

@inline
function align16(bytes: i32): i32 {
  return (bytes + 15) & ~15;
}

export function convWinograd(
  g: Geometry, x: usize, packed: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const channels = g.inputChannels;
  const rowBytes = g.inputWidth * channels;
  const plan = changetype<Plan>(scratch);
  plan.tilesX = (g.outputWidth + 1) >> 1;
  plan.steps = stepsOf(packed) >> 4;
  // Four steps are written at a time.
  plan.groupBytes = ((plan.steps + 3) & ~3) << 4;
  plan.pixelBytes = channels << 1;
  plan.lineBytes = align16((2 * plan.tilesX + 2) * plan.pixelBytes) + 32;
  plan.padding = scratch + 64;
  plan.lines = plan.padding + align16(rowBytes) + 16;
  plan.products = plan.lines + SLOTS * 4 * plan.lineBytes;
  const left = scratchBytes - <i32>(plan.products - scratch) - SLACK_BYTES;
  const fitting = max(left / (16 * (128 + plan.groupBytes)), 1);
  memory.fill(plan.padding, <u8>xZero, rowBytes);
  for (let row = g.firstRow; row < g.endRow; ) {
    const image = row / g.outputHeight;
    const oy = row - image * g.outputHeight;
    const rows = min(g.outputHeight - oy, g.endRow - row);
    const from = x + image * g.inputHeight * rowBytes;
    const to = y + row * g.outputWidth * g.outputChannels;
    convolveRows(g, plan, from, oy, rows, packed, to, xZero, yZero, yLow, yHigh, fitting);
    row += rows;
  }
}

/** Output rows [oy, oy + rows) of one image, `fitting` groups of four tiles at a time. */
function convolveRows(
  g: Geometry, plan: Plan, image: usize, oy: i32, rows: i32, packed: usize, y: usize,
  xZero: i32, yZero: i32, yLow: i32, yHigh: i32, fitting: i32,
): void {
  const tiles = ((rows + 1) >> 1) * plan.tilesX;
  const groups = (tiles + 3) >> 2;
  const blocks = (groups + fitting - 1) / fitting;
  const even = (groups + blocks - 1) / blocks;
  const low = lowBound(yLow, yZero);
  const high = highBound(yHigh, yZero);
  const offset = zeroOffset(yZero);
  const panelBytes = PANEL_HEADER_BYTES + (stepsOf(packed) << 5);
  let lined = 0;
  for (let group = 0; group < groups; group += even) {
    const count = min(even, groups - group);
    const productStep = oddLines(count << 7);
    const inputStep = oddLines(count * plan.groupBytes);
    plan.inputs = plan.products + 16 * productStep;
    for (let i = 0; i < count; i++) {
      const last = min((group + i) * 4 + 3, tiles - 1);
      for (const end = last / plan.tilesX; lined <= end; lined++) {
        transformRows(g, plan, image, oy - g.padTop + 2 * lined, xZero, lined);
      }
      transformTiles(plan, (group + i) * 4, last, plan.inputs + i * plan.groupBytes, inputStep);
    }
    const first = group * 4;
    const end = min(first + count * 4, tiles);
    let panel = packed + HEADER_BYTES;
    for (let column = 0; column < g.outputChannels; column += 8) {
      let b = panel + PANEL_HEADER_BYTES;
      let a = plan.inputs;
      for (let c = plan.products; c < plan.inputs; c += productStep) {
        multiplyPosition(count, plan.steps, a, plan.groupBytes, b, c);
        a += inputStep;
        b += plan.steps << 5;
      }
      storeTiles(g, plan, first, end, rows, productStep, panel, column, y, low, high, offset);
      panel += panelBytes;
    }
  }
}

/** The vertical half of B^T d B for one row of tiles: four lines of int16 pixels, padding left and right as zeros. */
function transformRows(g: Geometry, plan: Plan, image: usize, top: i32, xZero: i32, tileRow: i32): void {
  const lineBytes = plan.lineBytes;
  const pixels = 2 * plan.tilesX + 2;
  const to = plan.lines + (tileRow & (SLOTS - 1)) * 4 * lineBytes;
  const left = min(g.padLeft, pixels);
  const count = min(g.inputWidth, pixels - left);
  const d0 = inputRow(g, plan, image, top);
  const d1 = inputRow(g, plan, image, top + 1);
  const d2 = inputRow(g, plan, image, top + 2);
  const d3 = inputRow(g, plan, image, top + 3);
  // In a difference the zero point cancels out.
  const zeros = i16x8.splat(<i16>(2 * xZero));
  let t0 = to + left * plan.pixelBytes;
  const values = count * g.inputChannels;
  for (let i = 0; i < values; i += 8) {
    const x0 = v128.load8x8_s(d0 + i);
    const x1 = v128.load8x8_s(d1 + i);
    const x2 = v128.load8x8_s(d2 + i);
    const x3 = v128.load8x8_s(d3 + i);
    v128.store(t0, i16x8.sub(x0, x2));
    v128.store(t0 + lineBytes, i16x8.sub(i16x8.add(x1, x2), zeros));
    v128.store(t0 + lineBytes * 2, i16x8.sub(x2, x1));
    v128.store(t0 + lineBytes * 3, i16x8.sub(x1, x3));
    t0 += 16;
  }
  const end = left + count;
  for (let line = 0; line < 4; line++) {
    const at = to + line * lineBytes;
    memory.fill(at, 0, left * plan.pixelBytes);
    memory.fill(at + end * plan.pixelBytes, 0, (pixels - end) * plan.pixelBytes);
  }
}

@inline
function inputRow(g: Geometry, plan: Plan, image: usize, iy: i32): usize {
  return <u32>iy < <u32>g.inputHeight ? image + iy * g.inputWidth * g.inputChannels : plan.padding;
}

@inline
function tileAddress(plan: Plan, tile: i32): usize {
  const ty = tile / plan.tilesX;
  const tx = tile - ty * plan.tilesX;
  return plan.lines + (ty & (SLOTS - 1)) * 4 * plan.lineBytes + 2 * tx * plan.pixelBytes;
}

/** The horizontal half of B^T d B for four tiles, interleaved by tile. After the `last` tile it is repeated. */
function transformTiles(plan: Plan, first: i32, last: i32, to: usize, positionStep: i32): void {
  const pixel = plan.pixelBytes;
  const a0 = tileAddress(plan, first);
  const a3 = tileAddress(plan, last);
  if (a3 - a0 == 6 * pixel) {
    for (let line = 0; line < 4; line++) {
      transformNeighbours(a0 + line * plan.lineBytes, pixel, plan.groupBytes, to + 4 * line * positionStep, positionStep);
    }
    return;
  }
  const a1 = tileAddress(plan, min(first + 1, last));
  const a2 = tileAddress(plan, min(first + 2, last));
  for (let line = 0; line < 4; line++) {
    const at = line * plan.lineBytes;
    transformApart(a0 + at, a1 + at, a2 + at, a3 + at, pixel, plan.groupBytes, to + 4 * line * positionStep, positionStep);
  }
}

/** One line of four tiles next to each other: ten pixels. */
function transformNeighbours(a: usize, pixel: i32, bytes: i32, to: usize, positionStep: i32): void {
  const to1 = to + positionStep;
  const to2 = to1 + positionStep;
  const to3 = to2 + positionStep;
  for (let i = 0; i < bytes; i += 64) {
    let p = a;
    const x0 = v128.load(p);
    p += pixel;
    const x1 = v128.load(p);
    p += pixel;
    const x2 = v128.load(p);
    p += pixel;
    const x3 = v128.load(p);
    p += pixel;
    const x4 = v128.load(p);
    p += pixel;
    const x5 = v128.load(p);
    p += pixel;
    const x6 = v128.load(p);
    p += pixel;
    const x7 = v128.load(p);
    p += pixel;
    const x8 = v128.load(p);
    const x9 = v128.load(p + pixel);
    storeFour(to + i, i16x8.sub(x0, x2), i16x8.sub(x2, x4), i16x8.sub(x4, x6), i16x8.sub(x6, x8));
    storeFour(to1 + i, i16x8.add(x1, x2), i16x8.add(x3, x4), i16x8.add(x5, x6), i16x8.add(x7, x8));
    storeFour(to2 + i, i16x8.sub(x2, x1), i16x8.sub(x4, x3), i16x8.sub(x6, x5), i16x8.sub(x8, x7));
    storeFour(to3 + i, i16x8.sub(x1, x3), i16x8.sub(x3, x5), i16x8.sub(x5, x7), i16x8.sub(x7, x9));
    a += 16;
  }
}

/** One line of four tiles wherever they are. */
function transformApart(
  a0: usize, a1: usize, a2: usize, a3: usize, pixel: i32, bytes: i32, to: usize, positionStep: i32,
): void {
  const to1 = to + positionStep;
  const to2 = to1 + positionStep;
  const to3 = to2 + positionStep;
  for (let i = 0; i < bytes; i += 64) {
    const p0 = v128.load(a0), p1 = v128.load(a1), p2 = v128.load(a2), p3 = v128.load(a3);
    const b0 = a0 + pixel, b1 = a1 + pixel, b2 = a2 + pixel, b3 = a3 + pixel;
    const c0 = b0 + pixel, c1 = b1 + pixel, c2 = b2 + pixel, c3 = b3 + pixel;
    const r0 = v128.load(c0), r1 = v128.load(c1), r2 = v128.load(c2), r3 = v128.load(c3);
    storeFour(to + i, i16x8.sub(p0, r0), i16x8.sub(p1, r1), i16x8.sub(p2, r2), i16x8.sub(p3, r3));
    const q0 = v128.load(b0), q1 = v128.load(b1), q2 = v128.load(b2), q3 = v128.load(b3);
    storeFour(to1 + i, i16x8.add(q0, r0), i16x8.add(q1, r1), i16x8.add(q2, r2), i16x8.add(q3, r3));
    storeFour(to2 + i, i16x8.sub(r0, q0), i16x8.sub(r1, q1), i16x8.sub(r2, q2), i16x8.sub(r3, q3));
    const s0 = v128.load(c0 + pixel), s1 = v128.load(c1 + pixel);
    const s2 = v128.load(c2 + pixel), s3 = v128.load(c3 + pixel);
    storeFour(to3 + i, i16x8.sub(q0, s0), i16x8.sub(q1, s1), i16x8.sub(q2, s2), i16x8.sub(q3, s3));
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
  }
}

/** Four steps of four tiles, interleaved. */
@inline
function storeFour(to: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const low01 = zipLow(x0, x1);
  const low23 = zipLow(x2, x3);
  const high01 = zipHigh(x0, x1);
  const high23 = zipHigh(x2, x3);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(to, i64x2.shuffle(low01, low23, 1, 3), 16);
  v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 32);
  v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 48);
}

/** int32 products of groups of four tiles with 8 columns at one position. */
function multiplyPosition(groups: i32, steps: i32, a: usize, aStep: i32, b0: usize, c: usize): void {
  for (; groups > 0; groups--) {
    let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    let b = b0;
    let p = a;
    for (const end = b + (steps << 5); b < end; b += 32) {
      const w0 = v128.load(b);
      const w1 = v128.load(b, 16);
      const x0 = v128.load32_splat(p);
      s00 = dotAdd<i16>(s00, x0, w0);
      s01 = dotAdd<i16>(s01, x0, w1);
      const x1 = v128.load32_splat(p, 4);
      s10 = dotAdd<i16>(s10, x1, w0);
      s11 = dotAdd<i16>(s11, x1, w1);
      const x2 = v128.load32_splat(p, 8);
      s20 = dotAdd<i16>(s20, x2, w0);
      s21 = dotAdd<i16>(s21, x2, w1);
      const x3 = v128.load32_splat(p, 12);
      s30 = dotAdd<i16>(s30, x3, w0);
      s31 = dotAdd<i16>(s31, x3, w1);
      p += 16;
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    v128.store(c, s10, 32);
    v128.store(c, s11, 48);
    v128.store(c, s20, 64);
    v128.store(c, s21, 80);
    v128.store(c, s30, 96);
    v128.store(c, s31, 112);
    a += aStep;
    c += 128;
  }
}

/** The output transform of tiles [first, end), requantized and stored; a tile may stick out of the rows or columns. */
function storeTiles(
  g: Geometry, plan: Plan, first: i32, end: i32, rows: i32, step: i32, panel: usize, column: i32, y: usize,
  low: v128, high: v128, offset: v128,
): void {
  const columns = min(g.outputChannels - column, 8);
  const pixelBytes = g.outputChannels;
  const rowBytes = g.outputWidth * pixelBytes;
  let ty = first / plan.tilesX;
  let tx = first - ty * plan.tilesX;
  let from = plan.products;
  for (let tile = first; tile < end; tile++) {
    const to = y + 2 * ty * rowBytes + 2 * tx * pixelBytes + column;
    const inside = columns == 8 && 2 * tx + 1 < g.outputWidth && 2 * ty + 1 < rows;
    if (inside) {
      storeTile(from, step, panel, to, to + pixelBytes, to + rowBytes, to + rowBytes + pixelBytes, 8, low, high, offset);
    } else {
      // What sticks out is stored first and overwritten: the upper left output is always real.
      const right = 2 * tx + 1 < g.outputWidth ? to + pixelBytes : to;
      const below = 2 * ty + 1 < rows ? rowBytes : 0;
      storeTile(from, step, panel, to, right, to + below, right + below, columns, low, high, offset);
    }
    from += 32;
    if (++tx == plan.tilesX) {
      tx = 0;
      ty++;
    }
  }
}

/** A^T m A of one tile for 8 columns, stored at four places, the upper left one last. */
@inline
function storeTile(
  from: usize, step: i32, panel: usize, y00: usize, y01: usize, y10: usize, y11: usize, columns: i32,
  low: v128, high: v128, offset: v128,
): void {
  const a0 = upper(from, step);
  const a1 = upper(from + step, step);
  const a2 = upper(from + step * 2, step);
  const a3 = upper(from + step * 3, step);
  const b0 = lower(from, step);
  const b1 = lower(from + step, step);
  const b2 = lower(from + step * 2, step);
  const b3 = lower(from + step * 3, step);
  const bias0 = v128.load(panel);
  const s00 = whole(leftOf(a0, a1, a2), bias0);
  const s01 = whole(rightOf(a1, a2, a3), bias0);
  const s10 = whole(leftOf(b0, b1, b2), bias0);
  const s11 = whole(rightOf(b1, b2, b3), bias0);
  const half = from + 16;
  const c0 = upper(half, step);
  const c1 = upper(half + step, step);
  const c2 = upper(half + step * 2, step);
  const c3 = upper(half + step * 3, step);
  const d0 = lower(half, step);
  const d1 = lower(half + step, step);
  const d2 = lower(half + step * 2, step);
  const d3 = lower(half + step * 3, step);
  const bias1 = v128.load(panel, 16);
  storeEight(y11, finish(s11, whole(rightOf(d1, d2, d3), bias1), panel, low, high, offset), columns);
  storeEight(y10, finish(s10, whole(leftOf(d0, d1, d2), bias1), panel, low, high, offset), columns);
  storeEight(y01, finish(s01, whole(rightOf(c1, c2, c3), bias1), panel, low, high, offset), columns);
  storeEight(y00, finish(s00, whole(leftOf(c0, c1, c2), bias1), panel, low, high, offset), columns);
}

/** One column of the upper row of A^T m: rows 0 + 1 + 2 of positions four apart. */
@inline
function upper(from: usize, step: i32): v128 {
  return i32x4.add(i32x4.add(v128.load(from), v128.load(from + step * 4)), v128.load(from + step * 8));
}

/** The lower row: rows 1 - 2 - 3. */
@inline
function lower(from: usize, step: i32): v128 {
  return i32x4.sub(i32x4.sub(v128.load(from + step * 4), v128.load(from + step * 8)), v128.load(from + step * 12));
}

@inline
function leftOf(m0: v128, m1: v128, m2: v128): v128 {
  return i32x4.add(i32x4.add(m0, m1), m2);
}

@inline
function rightOf(m1: v128, m2: v128, m3: v128): v128 {
  return i32x4.sub(i32x4.sub(m1, m2), m3);
}

/** Four times a sum to the sum, with the bias. */
@inline
function whole(sums: v128, bias: v128): v128 {
  return i32x4.add(i32x4.shr_s(sums, 2), bias);
}

@inline
function storeEight(to: usize, bytes: v128, columns: i32): void {
  if (columns == 8) v128.store64_lane(to, bytes, 0);
  else storeBytes(to, bytes, columns);
}
