import { divideByPowerOfTwo, highMul } from '../requantize/fixed-scalar';
import { reciprocal } from './reciprocal';

/** Integer bits of the sum of exponentials. */
const SUM_BITS: i32 = 12;

/**
 * Softmax of int8 codes along the middle axis of [outer, length, inner], to int8 of scale 1/256 and zero point -128, in
 * the fixed-point arithmetic of TensorFlow Lite's reference (reference/softmax.h, on gemmlowp's fixedpoint.h).
 *
 * exponentials: 256 int32, entry d is exp(-d * xScale * beta) * 2^31, or -1 where it counts as 0. y may be x.
 */
export function softmaxFixedI8(outer: i32, length: i32, inner: i32, x: usize, y: usize, exponentials: usize): void {
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < inner; i++) row(length, inner, x + i, y + i, exponentials);
    x += length * inner;
    y += length * inner;
  }
}

function row(length: i32, step: i32, x: usize, y: usize, exponentials: usize): void {
  let largest = -128;
  for (let i = 0; i < length; i++) largest = max<i32>(largest, load<i8>(x + i * step));
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const power = load<i32>(exponentials + (largest - load<i8>(x + i * step) << 2));
    if (power >= 0) sum += divideByPowerOfTwo(power, SUM_BITS);
  }
  const zeros = clz(sum);
  const scale = reciprocal((sum << zeros) - i32.MIN_VALUE);
  const exponent = SUM_BITS - zeros + 31 - 8;
  for (let i = 0; i < length; i++) {
    const power = load<i32>(exponentials + (largest - load<i8>(x + i * step) << 2));
    const code = power >= 0 ? divideByPowerOfTwo(highMul(scale, power), exponent) - 128 : -128;
    store<i8>(y + i * step, <i8>min(code, 127));
  }
}
