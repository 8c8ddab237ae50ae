import { storeBytes } from '../lanes';
import { PANEL_HEADER_BYTES } from '../packed-i8';
import { finish } from '../requantize/simd';
import { activations, fourStepBytes } from './interleave';
import { dotAdd, stepBytes, weightsHigh, weightsLow } from './tiles';

/** One row of k values as steps of K, 16 bytes at a time. */
@inline
export function prepareRow<T>(a: usize, k: i32, shift: v128, to: usize): void {
  for (let i = 0; i < k; i += fourStepBytes<T>()) {
    v128.store(to, activations<T>(a + i, shift));
    to += 16;
  }
}

/** One prepared row times all panels: four panels at a time, eight independent sums for one load of the row. */
export function rowTimesPanels<T, W>(
  steps: i32, a: usize, panel: usize, panelBytes: i32, columns: i32, c: usize, low: v128, high: v128, offset: v128,
): void {
  for (; columns > 24; columns -= 32) {
    fourPanels<T, W>(steps, a, panel, panelBytes, columns, c, low, high, offset);
    panel += panelBytes << 2;
    c += 32;
  }
  for (; columns > 0; columns -= 8) {
    onePanel<T, W>(steps, a, panel, columns, c, low, high, offset);
    panel += panelBytes;
    c += 8;
  }
}

function fourPanels<T, W>(
  steps: i32, a: usize, h0: usize, panelBytes: i32, columns: i32, c: usize, low: v128, high: v128, offset: v128,
): void {
  const h1 = h0 + panelBytes;
  const h2 = h1 + panelBytes;
  const h3 = h2 + panelBytes;
  let s0 = v128.load(h0), s1 = v128.load(h0, 16);
  let s2 = v128.load(h1), s3 = v128.load(h1, 16);
  let s4 = v128.load(h2), s5 = v128.load(h2, 16);
  let s6 = v128.load(h3), s7 = v128.load(h3, 16);
  let b0 = h0 + PANEL_HEADER_BYTES;
  let b1 = h1 + PANEL_HEADER_BYTES;
  let b2 = h2 + PANEL_HEADER_BYTES;
  let b3 = h3 + PANEL_HEADER_BYTES;
  for (const end = a + (steps << 2); a < end; a += 4) {
    const x = v128.load32_splat(a);
    s0 = dotAdd<T>(s0, x, weightsLow<T, W>(b0));
    s1 = dotAdd<T>(s1, x, weightsHigh<T, W>(b0));
    s2 = dotAdd<T>(s2, x, weightsLow<T, W>(b1));
    s3 = dotAdd<T>(s3, x, weightsHigh<T, W>(b1));
    s4 = dotAdd<T>(s4, x, weightsLow<T, W>(b2));
    s5 = dotAdd<T>(s5, x, weightsHigh<T, W>(b2));
    s6 = dotAdd<T>(s6, x, weightsLow<T, W>(b3));
    s7 = dotAdd<T>(s7, x, weightsHigh<T, W>(b3));
    b0 += stepBytes<T, W>();
    b1 += stepBytes<T, W>();
    b2 += stepBytes<T, W>();
    b3 += stepBytes<T, W>();
  }
  v128.store64_lane(c, finish(s0, s1, h0, low, high, offset), 0);
  v128.store64_lane(c, finish(s2, s3, h1, low, high, offset), 0, 8);
  v128.store64_lane(c, finish(s4, s5, h2, low, high, offset), 0, 16);
  storeBytes(c + 24, finish(s6, s7, h3, low, high, offset), min(columns - 24, 8));
}

function onePanel<T, W>(
  steps: i32, a: usize, panel: usize, columns: i32, c: usize, low: v128, high: v128, offset: v128,
): void {
  let s0 = v128.load(panel);
  let s1 = v128.load(panel, 16);
  let b = panel + PANEL_HEADER_BYTES;
  for (const end = a + (steps << 2); a < end; a += 4) {
    const x = v128.load32_splat(a);
    s0 = dotAdd<T>(s0, x, weightsLow<T, W>(b));
    s1 = dotAdd<T>(s1, x, weightsHigh<T, W>(b));
    b += stepBytes<T, W>();
  }
  storeBytes(c, finish(s0, s1, panel, low, high, offset), min(columns, 8));
}
