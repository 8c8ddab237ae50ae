import { panelBytesI16 } from '../geometry';
import { requantize } from '../requantize/scalar';

/** Weight (row, column) of a packed int16 matrix: rows stand in pairs so that one dot product takes two. */
@inline
export function packedWeight(panel: usize, row: i32, lane: i32): i32 {
  return load<i16>(panel + 64 + ((row >> 1) << 5) + (lane << 2) + ((row & 1) << 1));
}

/**
 * c = requantize(sum over k of (a - aZero) * b + bias), the sum in int32.
 *
 * a: int8 [m, k], rows `aStride` bytes apart. b: packed by `packGemmI8`: int16 weights, int32 biases and
 * float32 multipliers, one of each a column. c: int8 [m, n], rows `cStride` bytes apart.
 * (a - aZero) is at most 255 and b at most 255 in size: no overflow for k <= 33,000, and for
 * k <= 65,000 with int8 weights without zero point. Two wrapped halves of a sum that fits are exact.
 * scratch: `scratchBytes` bytes that SIMD uses for widened rows; the scalar twin needs none.
 */
export function gemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && cStride >= n);
  assert(cLow >= -128 && cLow <= cHigh && cHigh <= 127);
  const panelBytes = panelBytesI16(k);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const lane = column & 7;
      const panel = b + (column >> 3) * panelBytes;
      let sum = load<i32>(panel + (lane << 2));
      for (let i = 0; i < k; i++) {
        sum += (<i32>load<i8>(a + row * aStride + i) - aZero) * packedWeight(panel, i, lane);
      }
      const multiplier = load<f32>(panel + 32 + (lane << 2));
      store<i8>(c + row * cStride + column, requantize(sum, multiplier, cZero, cLow, cHigh));
    }
  }
}
