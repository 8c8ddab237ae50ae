import { HEADER_BYTES, kindOf, PANEL_HEADER_BYTES, panelBytes, stepsOf } from '../packed-i16';
import { requantizeSum } from '../requantize/sum-i16-scalar';

/** Weight (row, lane) of a panel. */
export function weightAt(panel: usize, row: i32, lane: i32): i32 {
  return load<i16>(panel + PANEL_HEADER_BYTES + ((row >> 1) << 5) + (lane << 2) + ((row & 1) << 1));
}

/**
 * c = requantize(bias + sum over k of a * b): int16 by int8 weights, sums of up to 53 bits (../packed-i16.ts).
 *
 * a: int16 [m, k], rows `aStride` elements apart. b: packed by `packGemmI16`, which takes the zero point of `a` into the
 * biases. c: int16 [m, n], rows `cStride` elements apart. scratch: 256 bytes for SIMD, 16 byte aligned.
 */
export function gemmI16(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  cZero: i32, cLow: i32, cHigh: i32, scratch: usize,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && cStride >= n);
  assert(cLow >= -32768 && cLow <= cHigh && cHigh <= 32767);
  assert(stepsOf(b) == (k + 1) >> 1);
  const bytes = panelBytes(stepsOf(b));
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const lane = column & 7;
      const panel = b + HEADER_BYTES + (column >> 3) * bytes;
      let sum: i64 = 0;
      for (let i = 0; i < k; i++) {
        sum += <i64>load<i16>(a + ((row * aStride + i) << 1)) * <i64>weightAt(panel, i, lane);
      }
      const total = load<f64>(panel + (lane << 3)) + <f64>sum;
      const code = requantizeSum(total, panel, lane, kindOf(b), cZero, cLow, cHigh);
      store<i16>(c + ((row * cStride + column) << 1), <i16>code);
    }
  }
}
