import { Scale } from '../requantize/scale';
import { roundOnce, roundTwice } from '../requantize/fixed-scalar';

/**
 * Codes of 1, 2 or 4 bytes to those of another scale and size: y = clamp(scaled(x - xZero, scale) + yZero, low, high), as
 * TensorFlow Lite's QUANTIZE.
 *
 * scale: address of a Scale. x - xZero must fit int32.
 */
export function rescale(
  n: i32, x: usize, xBytes: i32, y: usize, yBytes: i32, scale: usize, xZero: i32, yZero: i32, low: i32, high: i32,
): void {
  assert((xBytes == 1 || xBytes == 2 || xBytes == 4) && (yBytes == 1 || yBytes == 2 || yBytes == 4));
  assert(low <= high);
  const by = changetype<Scale>(scale);
  for (let i = 0; i < n; i++) {
    const value = codeAt(x, xBytes, i) - xZero;
    const result = by.twice ? <i64>roundTwice(value, by.multiplier, by.shift) : roundOnce(value, by.multiplier, by.shift);
    storeCode(y, yBytes, i, <i32>min(max(result + <i64>yZero, <i64>low), <i64>high));
  }
}

@inline
function codeAt(x: usize, bytes: i32, index: i32): i32 {
  if (bytes == 1) return load<i8>(x + index);
  return bytes == 2 ? <i32>load<i16>(x + (index << 1)) : load<i32>(x + (index << 2));
}

@inline
function storeCode(y: usize, bytes: i32, index: i32, code: i32): void {
  if (bytes == 1) store<i8>(y + index, <i8>code);
  else if (bytes == 2) store<i16>(y + (index << 1), <i16>code);
  else store<i32>(y + (index << 2), code);
}
