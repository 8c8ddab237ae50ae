/*
 * The logistic function and the hyperbolic tangent of int16, to a scale of 2^-15, by straight lines between 256 points of
 * the logistic function: TensorFlow Lite's LOGISTIC and TANH.
 *
 * table: 256 uint16, `sigmoidTable`. x * multiplier / 2^shift, rounded, counts in units of 1 / (24 * 512): a table step is 512 of
 * them for the logistic function, and 256 for the tangent, which is that of twice the argument. multiplier is at most
 * 32767, so that a product fits int32.
 */

/** y = logistic(x). */
export function sigmoidI16(n: i32, x: usize, y: usize, table: usize, multiplier: i32, shift: i32): void {
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = 0; i < n; i++) {
    const value = (<i32>load<i16>(x + (i << 1)) * multiplier + half) >> shift;
    const size = abs(value);
    const at = size >> 9;
    const above = at >= 255 ? 0x7fff << 10 : between(table, at, size & 0x1ff, 9);
    const result = value >= 0 ? above + (1 << 9) : (1 << 25) - above + (1 << 9) - 1;
    store<i16>(y + (i << 1), <i16>(result >> 10));
  }
}

/** y = tanh(x). */
export function tanhI16(n: i32, x: usize, y: usize, table: usize, multiplier: i32, shift: i32): void {
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = 0; i < n; i++) {
    const value = (<i32>load<i16>(x + (i << 1)) * multiplier + half) >> shift;
    const size = abs(value);
    const at = size >> 8;
    const above = at >= 255 ? 0xffff << 8 : between(table, at, size & 0xff, 8);
    const result = value >= 0 ? above - (1 << 23) + (1 << 7) : (1 << 23) - above + (1 << 7) - 1;
    store<i16>(y + (i << 1), <i16>(result >> 8));
  }
}

/** A point on the line from one entry to the next, times 2^bits. */
@inline
function between(table: usize, at: i32, rest: i32, bits: i32): i32 {
  const from = <i32>load<u16>(table + (at << 1));
  return (from << bits) + rest * (<i32>load<u16>(table + (at << 1), 2) - from);
}
