import { storeBytes } from '../lanes';
import { PANEL_HEADER_BYTES } from '../packed-i8';
import { finish16, finish8, multipliersAt, secondMultipliersAt } from '../requantize/simd';
import { dotAdd, stepBytes, weightsHigh, weightsLow } from './steps';

/** One prepared row times all panels: four panels at a time, eight independent sums for one load of the row. */
export function rowTimesPanels<T, W>(
  steps: i32, a: usize, panel: usize, panelBytes: i32, columns: i32, c: usize, low: v128, offset: v128, most: v128,
): void {
  for (; columns > 24; columns -= 32) {
    fourPanels<T, W>(steps, a, panel, panelBytes, columns, c, low, offset, most);
    panel += panelBytes << 2;
    c += 32;
  }
  for (; columns > 0; columns -= 8) {
    onePanel<T, W>(steps, a, panel, columns, c, low, offset, most);
    panel += panelBytes;
    c += 8;
  }
}

function fourPanels<T, W>(
  steps: i32, a: usize, h0: usize, panelBytes: i32, columns: i32, c: usize, low: v128, offset: v128, most: v128,
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
  const upper = finish16(
    s0, multipliersAt(h0 + 32), s1, secondMultipliersAt(h0 + 32),
    s2, multipliersAt(h1 + 32), s3, secondMultipliersAt(h1 + 32), low, offset, most,
  );
  const lower = finish16(
    s4, multipliersAt(h2 + 32), s5, secondMultipliersAt(h2 + 32),
    s6, multipliersAt(h3 + 32), s7, secondMultipliersAt(h3 + 32), low, offset, most,
  );
  v128.store(c, upper);
  storeBytes(c + 16, lower, min(columns - 16, 16));
}

function onePanel<T, W>(
  steps: i32, a: usize, panel: usize, columns: i32, c: usize, low: v128, offset: v128, most: v128,
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
  const bytes = finish8(s0, multipliersAt(panel + 32), s1, secondMultipliersAt(panel + 32), low, offset, most);
  storeBytes(c, bytes, min(columns, 8));
}
