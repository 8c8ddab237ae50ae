import { Scale } from '../requantize/scale';
import { scaled } from '../requantize/scale-scalar';

/**
 * Softmax of int16 [outer, length, inner] along length, to scale 2^-15: TensorFlow Lite's SOFTMAX, by tables of 513 int16 between
 * which lines are drawn. length: at most 65535. y may be x.
 *
 * scale: address of a Scale that takes differences to units of 10 / 65535. exponentials: of 0 to -10, `exponentialTable`.
 * reciprocals: of 1 to 2, `reciprocalTable`.
 */
export function softmaxI16(
  outer: i32, length: i32, inner: i32, x: usize, y: usize, scale: usize, exponentials: usize, reciprocals: usize,
): void {
  assert(length > 0 && length <= 65535);
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      const first = (block * length * inner + column) << 1;
      row(length, inner << 1, x + first, y + first, changetype<Scale>(scale), exponentials, reciprocals);
    }
  }
}

function row(length: i32, step: i32, x: usize, y: usize, scale: Scale, exponentials: usize, reciprocals: usize): void {
  let most = -32768;
  for (let i = 0; i < length; i++) most = max(most, <i32>load<i16>(x + i * step));
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const below = scaled(<i32>load<i16>(x + i * step) - most, scale);
    const value = lookUp(min(max(below + 32767, -32768), 32767), exponentials);
    store<i16>(y + i * step, <i16>value);
    sum += value;
  }
  // The sum as 1 + something below 1, times a power of two.
  const zeros = <i32>clz<u32>(<u32>sum);
  const mantissa = <i32>(((<i64>sum << <i64>(zeros - 1)) + (1 << 13)) >> 14);
  const reciprocal = lookUp(min(max(mantissa - (1 << 15) - (1 << 16), -32768), 32767), reciprocals);
  const shift = 31 - zeros;
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = 0; i < length; i++) {
    const share = (<i32>load<i16>(y + i * step) * reciprocal + half) >> shift;
    store<i16>(y + i * step, <i16>min(max(share, 0), 32767));
  }
}

/** A point on the line from entry value / 128 to the next. */
function lookUp(value: i32, table: usize): i32 {
  const at = table + ((256 + (value >> 7)) << 1);
  const from = <i32>load<i16>(at);
  const slope = <i32>load<i16>(at, 2) - from;
  return from + ((slope * (value & 0x7f) + 64) >> 7);
}
