import { Geometry } from '../geometry';
import { DOT16, DOT16_NARROW, formatOf, layoutOf, WINOGRAD } from '../packed-i8';
import { convolve } from './direct';
import { convWinograd } from './winograd';

/**
 * As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image.
 *
 * scratch: 16 byte aligned, `convScratchBytes` bytes.
 */
export function convI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const format = formatOf(w);
  if (layoutOf(w) == WINOGRAD) {
    convWinograd(g, x, w, y, xZero, yZero, yLow, yHigh, scratch, scratchBytes);
  } else if (format == DOT16) {
    convolve<i16, i16>(g, x, w, format, y, xZero, xZero, yZero, yLow, yHigh, scratch, scratchBytes);
  } else if (format == DOT16_NARROW) {
    convolve<i16, i8>(g, x, w, format, y, xZero, xZero, yZero, yLow, yHigh, scratch, scratchBytes);
  } else {
    // Packed for a binary with the relaxed dot product.
    unreachable();
  }
}
