import { Scale } from '../requantize/scale';
import { clampCode, scaled } from '../requantize/scale-scalar';

/**
 * Sum of (x - xZero) over the middle axis of [outer, length, inner], scaled: TensorFlow Lite's SUM, and its MEAN where the
 * scale holds 1 / length too. scale: address of a Scale. length: at most 2^14.
 */
export function meanI16(
  outer: i32, length: i32, inner: i32, x: usize, y: usize,
  scale: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  assert(length <= 1 << 14);
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      let sum = 0;
      for (let i = 0; i < length; i++) {
        sum += <i32>load<i16>(x + (((block * length + i) * inner + column) << 1)) - xZero;
      }
      const value = scaled(sum, changetype<Scale>(scale));
      store<i16>(y + ((block * inner + column) << 1), <i16>clampCode(value, yZero, yLow, yHigh));
    }
  }
}
