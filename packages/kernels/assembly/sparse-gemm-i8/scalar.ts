import { requantize } from '../requantize/scalar';

/** Bytes between the places of two k in the SIMD form's scratch: 24 rows of int16. Entries count in 16 bytes. */
export const PANEL_BYTES: i32 = 48;

/**
 * c = requantize(sum over k of (a - aZero) * b + bias), where most of b is zero: what `gemmI8` computes.
 *
 * a: int8 [m, k], rows `aStride` bytes apart. b: packed by `packSparseI8`: for each column an int32 count of
 * pairs, its int32 bias and float32 multiplier, then `count` times two int16 weights and the u16 3 * k of their
 * rows. c: int8 [m, n], rows `cStride` bytes apart. No overflow for up to 65,000 weights a column, as in `gemmI8`.
 * scratch: `sparseGemmI8ScratchBytes(k)` bytes for the SIMD form; this one needs none.
 */
export function sparseGemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && cStride >= n);
  assert(cLow >= -128 && cLow <= cHigh && cHigh <= 127);
  for (let column = 0; column < n; column++) {
    const end = b + 12 + (load<i32>(b) << 3);
    for (let row = 0; row < m; row++) {
      const from = a + row * aStride;
      let sum = load<i32>(b, 4);
      for (let entry = b + 12; entry < end; entry += 8) {
        sum += (<i32>load<i8>(from + load<u16>(entry, 4) / 3) - aZero) * load<i16>(entry);
        sum += (<i32>load<i8>(from + load<u16>(entry, 6) / 3) - aZero) * load<i16>(entry, 2);
      }
      store<i8>(c + row * cStride + column, requantize(sum, load<f32>(b, 8), cZero, cLow, cHigh));
    }
    b = end;
  }
}
