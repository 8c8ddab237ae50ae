import { relaxedDot } from '../relaxed-dot';
import { narrow16, settleSums } from '../requantize/simd';
import { storeSome } from './strips';

/*
 * A strip is one output row of a quad of channels, read from groups of four rows (./four-rows.ts): 16 bytes a column, of
 * which a relaxed dot product adds the four products of each channel. The weights are its signed operand.
 */

/**
 * Three kernel rows in one group, three columns side by side, column stride 1.
 *
 * y: the first of `pixels` pixels, `step` bytes apart.
 */
export function relaxedStrip3(
  x: usize, w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, pixels: i32,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w, 16);
  const w2 = v128.load(w, 32);
  do {
    const a0 = v128.load(x);
    const a1 = v128.load(x, 16);
    const a2 = v128.load(x, 32);
    const s0 = relaxedDot(w2, a2, relaxedDot(w1, a1, relaxedDot(w0, a0, bias)));
    const a3 = v128.load(x, 48);
    const s1 = relaxedDot(w2, a3, relaxedDot(w1, a2, relaxedDot(w0, a1, bias)));
    const a4 = v128.load(x, 64);
    const s2 = relaxedDot(w2, a4, relaxedDot(w1, a3, relaxedDot(w0, a2, bias)));
    const a5 = v128.load(x, 80);
    const s3 = relaxedDot(w2, a5, relaxedDot(w1, a4, relaxedDot(w0, a3, bias)));
    const bytes = narrow16(
      settleSums(s0, multipliers, low, offset), settleSums(s1, multipliers, low, offset),
      settleSums(s2, multipliers, low, offset), settleSums(s3, multipliers, low, offset),
      most,
    );
    storeFour(bytes, y, step, pixels);
    x += 64;
    y += step << 2;
    pixels -= 4;
  } while (pixels > 0);
}

/** As relaxedStrip3, column stride 2. */
export function relaxedStrip3Stride2(
  x: usize, w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, pixels: i32,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w, 16);
  const w2 = v128.load(w, 32);
  do {
    const a2 = v128.load(x, 32);
    const s0 = relaxedDot(w2, a2, relaxedDot(w1, v128.load(x, 16), relaxedDot(w0, v128.load(x), bias)));
    const a4 = v128.load(x, 64);
    const s1 = relaxedDot(w2, a4, relaxedDot(w1, v128.load(x, 48), relaxedDot(w0, a2, bias)));
    const a6 = v128.load(x, 96);
    const s2 = relaxedDot(w2, a6, relaxedDot(w1, v128.load(x, 80), relaxedDot(w0, a4, bias)));
    const s3 = relaxedDot(w2, v128.load(x, 128), relaxedDot(w1, v128.load(x, 112), relaxedDot(w0, a6, bias)));
    const bytes = narrow16(
      settleSums(s0, multipliers, low, offset), settleSums(s1, multipliers, low, offset),
      settleSums(s2, multipliers, low, offset), settleSums(s3, multipliers, low, offset),
      most,
    );
    storeFour(bytes, y, step, pixels);
    x += 128;
    y += step << 2;
    pixels -= 4;
  } while (pixels > 0);
}

/** Four channels of up to four pixels. */
@inline
function storeFour(bytes: v128, y: usize, step: i32, pixels: i32): void {
  v128.store32_lane(y, bytes, 0);
  if (pixels > 3) {
    v128.store32_lane(y + step, bytes, 1);
    v128.store32_lane(y + (step << 1), bytes, 2);
    v128.store32_lane(y + step * 3, bytes, 3);
  } else {
    if (pixels > 1) v128.store32_lane(y + step, bytes, 1);
    if (pixels > 2) v128.store32_lane(y + (step << 1), bytes, 2);
  }
}

/**
 * Any kernel, four pixels at a time, in `groups` groups of rows that are `groupStride` bytes apart. columnStep and tapStep: bytes from one output column or kernel column to the next. channels: how many are stored.
 */
export function relaxedStripAny(
  x: usize, groups: i32, groupStride: i32, kernelWidth: i32, columnStep: i32, tapStep: i32,
  w: usize, bias: v128, multipliers: v128, low: v128, offset: v128, most: v128,
  y: usize, step: i32, pixels: i32, channels: i32,
): void {
  for (; pixels > 0; pixels -= 4) {
    let s0 = bias;
    let s1 = bias;
    let s2 = bias;
    let s3 = bias;
    let weight = w;
    for (let group = 0; group < groups; group++) {
      let at = x + group * groupStride;
      const end = weight + (kernelWidth << 4);
      for (; weight < end; weight += 16) {
        const taps = v128.load(weight);
        const second = at + columnStep;
        const third = second + columnStep;
        s0 = relaxedDot(taps, v128.load(at), s0);
        s1 = relaxedDot(taps, v128.load(second), s1);
        s2 = relaxedDot(taps, v128.load(third), s2);
        s3 = relaxedDot(taps, v128.load(third + columnStep), s3);
        at += tapStep;
      }
    }
    const bytes = narrow16(
      settleSums(s0, multipliers, low, offset), settleSums(s1, multipliers, low, offset),
      settleSums(s2, multipliers, low, offset), settleSums(s3, multipliers, low, offset),
      most,
    );
    storeSome(bytes, y, step, min(pixels, 4), min(channels, 4));
    x += columnStep << 2;
    y += step << 2;
  }
}
