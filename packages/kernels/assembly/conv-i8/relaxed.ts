import { Geometry } from '../geometry';
import { DOT8_SIGNED, DOT8_UNSIGNED, formatOf } from '../packed-i8';
import { convolve } from './direct';
import { convI8 as convDot16 } from './simd';

/** What makes int8 activations x + 128 as uint8. */
const FLIP: i32 = 0x80;

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image. scratch as in ./simd.ts. */
export function convI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const format = formatOf(w);
  if (format < DOT8_SIGNED) {
    convDot16(geometry, x, w, y, xZero, yZero, yLow, yHigh, scratch, scratchBytes);
    return;
  }
  const flip = format == DOT8_UNSIGNED ? FLIP : 0;
  const g = changetype<Geometry>(geometry);
  convolve<i8, i8>(g, x, w, format, y, xZero, flip, yZero, yLow, yHigh, scratch, scratchBytes);
}
