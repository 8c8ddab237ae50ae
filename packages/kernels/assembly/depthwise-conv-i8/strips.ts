import { storeBytes } from '../lanes';
import { narrow16, settleSums } from '../requantize/simd';

/*
 * A strip is one output row of a quad of channels, read from pairs of widened rows (./pair-rows.ts).
 *
 * Loops test at their end: V8 moves constants out of a loop only where its body always runs.
 * Two pixels an iteration and no more: V8 puts all dot products of a block before the sums, and with four
 * pixels it spends its time moving them to the stack and back (9 GMAC/s against 15).
 */

/** Two pixels of a quad, settled, as eight int8. */
@inline
function narrowTwo(first: v128, second: v128, most: v128): v128 {
  const words = i16x8.narrow_i32x4_s(first, second);
  return i8x16.min_s(i8x16.narrow_i16x8_s(words, words), most);
}

/** sum + x0 * w0 + x1 * w1, pairs of int16. */
@inline
function addTwo(sum: v128, x0: v128, w0: v128, x1: v128, w1: v128): v128 {
  return i32x4.add(i32x4.add(sum, i32x4.dot_i16x8_s(x0, w0)), i32x4.dot_i16x8_s(x1, w1));
}

/**
 * Three kernel rows (two pairs), three columns side by side, column stride 1. Each column of scratch is loaded
 * once and added to the three sums it belongs to; p and q hold two pixels that wait for columns.
 *
 * below: bytes from the first pair of rows to the second. y to end in steps of `step`: the pixels.
 */
export function strip3(
  x: usize, below: usize, w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w, 16);
  const w2 = v128.load(w, 32);
  const w3 = v128.load(w, 48);
  const w4 = v128.load(w, 64);
  const w5 = v128.load(w, 80);
  const a1 = v128.load(x, 16);
  const b1 = v128.load(x + below, 16);
  let p = addTwo(addTwo(bias, v128.load(x), w0, v128.load(x + below), w3), a1, w1, b1, w4);
  let q = addTwo(bias, a1, w0, b1, w3);
  do {
    const a2 = v128.load(x, 32);
    const b2 = v128.load(x + below, 32);
    const a3 = v128.load(x, 48);
    const b3 = v128.load(x + below, 48);
    const first = addTwo(p, a2, w2, b2, w5);
    const second = addTwo(addTwo(q, a2, w1, b2, w4), a3, w2, b3, w5);
    p = addTwo(addTwo(bias, a2, w0, b2, w3), a3, w1, b3, w4);
    q = addTwo(bias, a3, w0, b3, w3);
    const bytes = narrowTwo(
      settleSums(first, multipliers, low, offset), settleSums(second, multipliers, low, offset), most,
    );
    v128.store32_lane(y, bytes, 0);
    y += step;
    if (y == end) return;
    v128.store32_lane(y, bytes, 1);
    y += step;
    x += 32;
  } while (y < end);
}

/** As strip3, column stride 2; p holds a pixel that waits for two columns. */
export function strip3Stride2(
  x: usize, below: usize, w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w, 16);
  const w2 = v128.load(w, 32);
  const w3 = v128.load(w, 48);
  const w4 = v128.load(w, 64);
  const w5 = v128.load(w, 80);
  let p = addTwo(bias, v128.load(x), w0, v128.load(x + below), w3);
  do {
    const a2 = v128.load(x, 32);
    const b2 = v128.load(x + below, 32);
    const a4 = v128.load(x, 64);
    const b4 = v128.load(x + below, 64);
    const first = addTwo(addTwo(p, v128.load(x, 16), w1, v128.load(x + below, 16), w4), a2, w2, b2, w5);
    const middle = addTwo(addTwo(bias, a2, w0, b2, w3), v128.load(x, 48), w1, v128.load(x + below, 48), w4);
    const second = addTwo(middle, a4, w2, b4, w5);
    p = addTwo(bias, a4, w0, b4, w3);
    const bytes = narrowTwo(
      settleSums(first, multipliers, low, offset), settleSums(second, multipliers, low, offset), most,
    );
    v128.store32_lane(y, bytes, 0);
    y += step;
    if (y == end) return;
    v128.store32_lane(y, bytes, 1);
    y += step;
    x += 64;
  } while (y < end);
}

/**
 * Any kernel, four pixels at a time. `window` holds the addresses of `pairs` pairs of rows (u32), `quad` is added to each.
 * columnStep and tapStep: bytes from one output column or kernel column to the next. channels: how many are stored.
 */
export function stripAny(
  window: usize, pairs: i32, quad: usize, kernelWidth: i32, columnStep: i32, tapStep: i32,
  w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, pixels: i32, channels: i32,
): void {
  for (; pixels > 0; pixels -= 4) {
    let s0 = bias;
    let s1 = bias;
    let s2 = bias;
    let s3 = bias;
    let weight = w;
    for (let pair = 0; pair < pairs; pair++) {
      let x = <usize>load<u32>(window + (pair << 2)) + quad;
      const end = weight + (kernelWidth << 4);
      for (; weight < end; weight += 16) {
        const taps = v128.load(weight);
        const second = x + columnStep;
        const third = second + columnStep;
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load(x), taps));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load(second), taps));
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load(third), taps));
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load(third + columnStep), taps));
        x += tapStep;
      }
    }
    const bytes = narrow16(
      settleSums(s0, multipliers, low, offset), settleSums(s1, multipliers, low, offset),
      settleSums(s2, multipliers, low, offset), settleSums(s3, multipliers, low, offset),
      most,
    );
    storeSome(bytes, y, step, min(pixels, 4), min(channels, 4));
    quad += columnStep << 2;
    y += step << 2;
  }
}

/** Stores the first channels of the first of four pixels. */
export function storeSome(bytes: v128, y: usize, step: i32, pixels: i32, channels: i32): void {
  if (pixels == 4 && channels == 4) {
    v128.store32_lane(y, bytes, 0);
    v128.store32_lane(y + step, bytes, 1);
    v128.store32_lane(y + (step << 1), bytes, 2);
    v128.store32_lane(y + step * 3, bytes, 3);
    return;
  }
  for (let pixel = 0; pixel < pixels; pixel++) {
    storeBytes(y, bytes, channels);
    bytes = i32x4.shuffle(bytes, bytes, 1, 2, 3, 3);
    y += step;
  }
}
