import { isFixedPoint } from '../requantize/rule';
import { requantizeColumn } from '../requantize/scalar';
import {
  DOT16, DOT16_NARROW, DOT8_UNSIGNED, formatOf, HEADER_BYTES, multiplierKindOf, PANEL_HEADER_BYTES, panelStride,
  rowsPerStep, stepsOf,
} from '../packed-i8';

/** Weight (row, lane) of a panel of any format; `row` counts the rows of K as packed. */
export function weightAt(format: i32, panel: usize, row: i32, lane: i32): i32 {
  const at = panel + PANEL_HEADER_BYTES;
  if (format == DOT16) return load<i16>(at + ((row >> 1) << 5) + (lane << 2) + ((row & 1) << 1));
  if (format == DOT16_NARROW) return load<i8>(at + ((row >> 1) << 4) + (lane << 1) + (row & 1));
  return load<i8>(at + ((row >> 2) << 5) + (lane << 2) + (row & 3));
}

/** What is multiplied with a weight: the biases of the relaxed formats hold the rest. */
@inline
export function activationOf(format: i32, value: i32, zero: i32): i32 {
  if (format <= DOT16_NARROW) return value - zero;
  return format == DOT8_UNSIGNED ? value + 128 : value;
}

/**
 * c = requantize(sum over k of (a - aZero) * b + bias), the sum in int32.
 *
 * a: int8 [m, k], rows `aStride` bytes apart. b: packed by `packGemmI8` for this aZero, see ../packed-i8.ts.
 * c: int8 [m, n], rows `cStride` bytes apart.
 * (a - aZero) is at most 255 and b at most 255 in size: no overflow for k <= 33,000, and for
 * k <= 65,000 with int8 weights without zero point. Two wrapped halves of a sum that fits are exact.
 * scratch: `scratchBytes` bytes that SIMD uses for rows; the scalar twin needs none.
 */
export function gemmI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && cStride >= n);
  assert(cLow >= -128 && cLow <= cHigh && cHigh <= 127);
  const format = formatOf(b);
  assert(multiplierKindOf(b) == i32(isFixedPoint()));
  assert(stepsOf(b) == (k + rowsPerStep(format) - 1) / rowsPerStep(format));
  const panelBytes = panelStride(format, stepsOf(b));
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const lane = column & 7;
      const panel = b + HEADER_BYTES + (column >> 3) * panelBytes;
      let sum = load<i32>(panel + (lane << 2));
      for (let i = 0; i < k; i++) {
        const value = activationOf(format, load<i8>(a + row * aStride + i), aZero);
        sum += value * weightAt(format, panel, i, lane);
      }
      store<i8>(c + row * cStride + column, requantizeColumn(sum, panel + 32, lane, cZero, cLow, cHigh));
    }
  }
}
