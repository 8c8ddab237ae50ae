import { DOT8_SIGNED, DOT8_UNSIGNED, formatOf, HEADER_BYTES } from '../packed-i8';
import { product } from './product';
import { gemmI8 as gemmDot16 } from './simd';

/** What makes int8 activations x + 128 as uint8. */
const FLIP: i32 = 0x80;

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past a row of `a`. */
export function gemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  const format = formatOf(b);
  if (format < DOT8_SIGNED) {
    gemmDot16(m, n, k, a, aStride, b, c, cStride, aZero, cZero, cLow, cHigh, scratch, scratchBytes);
    return;
  }
  const flip = format == DOT8_UNSIGNED ? FLIP : 0;
  const panels = b + HEADER_BYTES;
  product<i8, i8>(m, n, k, a, aStride, panels, c, cStride, flip, cZero, cLow, cHigh, scratch, scratchBytes);
}
