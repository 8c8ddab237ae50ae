import { DOT16, DOT16_NARROW, formatOf, HEADER_BYTES } from '../packed-i8';
import { product } from './product';

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past a row of `a`. */
export function gemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  const format = formatOf(b);
  b += HEADER_BYTES;
  if (format == DOT16) {
    product<i16, i16>(m, n, k, a, aStride, b, c, cStride, aZero, cZero, cLow, cHigh, scratch, scratchBytes);
  } else if (format == DOT16_NARROW) {
    product<i16, i8>(m, n, k, a, aStride, b, c, cStride, aZero, cZero, cLow, cHigh, scratch, scratchBytes);
  } else {
    // Packed for a binary with the relaxed dot product.
    unreachable();
  }
}

