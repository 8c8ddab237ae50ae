import { AWAY, SHIFTS } from './rule';

/**
 * Rules `tflite` and `tflite-double`: int32 sum to the next int8.
 *
 * q = clamp(round(sum * multiplier / 2^31 * 2^shift) + zero, low, high)
 *
 * twice 0: rounded once, halves up (TFLITE_SINGLE_ROUNDING). Else rounded after the multiplication and again, halves
 * away from zero, after the shift (gemmlowp). Sums that a shift to the left takes out of int32 are held to its ends,
 * where the reference leaves C++ to decide: the result is an end of int8 either way.
 */
export function requantizeFixed(
  sum: i32, multiplier: i32, shift: i32, twice: i32, zero: i32, low: i32, high: i32,
): i32 {
  const value = twice ? <i64>roundTwice(sum, multiplier, shift) : roundOnce(sum, multiplier, shift);
  return <i32>min(max(value, <i64>(low - zero)), <i64>(high - zero)) + zero;
}

/** (sum * multiplier + 2^(30 - shift)) >> (31 - shift), nothing lost. */
export function roundOnce(sum: i32, multiplier: i32, shift: i32): i64 {
  assert(shift >= -31 && shift <= 30);
  const right = <i64>(31 - shift);
  return (<i64>sum * <i64>multiplier + (<i64>1 << (right - 1))) >> right;
}

/** RoundingDivideByPOT(SaturatingRoundingDoublingHighMul(sum << left, multiplier), right) of gemmlowp. */
export function roundTwice(sum: i32, multiplier: i32, shift: i32): i32 {
  assert(shift >= -31 && shift <= 30);
  const shifted = <i64>sum << <i64>max(shift, 0);
  const held = min(max(shifted, <i64>i32.MIN_VALUE), <i64>i32.MAX_VALUE);
  return divideByPowerOfTwo(highMul(<i32>held, multiplier), max(-shift, 0));
}

/** SaturatingRoundingDoublingHighMul: a * b / 2^31, rounded to nearest, ties up. */
export function highMul(a: i32, b: i32): i32 {
  if (a == i32.MIN_VALUE && b == i32.MIN_VALUE) return i32.MAX_VALUE;
  const product = <i64>a * <i64>b;
  const nudge: i64 = product >= 0 ? 1 << 30 : 1 - (1 << 30);
  // Division truncates.
  return <i32>((product + nudge) / (<i64>1 << 31));
}

/** RoundingDivideByPOT: value / 2^exponent, rounded to nearest, ties away from zero; 0 <= exponent <= 31. */
export function divideByPowerOfTwo(value: i32, exponent: i32): i32 {
  const mask = <i32>((<i64>1 << <i64>exponent) - 1);
  const threshold = (mask >> 1) + i32(value < 0);
  return (value >> exponent) + i32((value & mask) > threshold);
}

/** The sum of lane `lane`, 0 to 3, of a block of multipliers (./rule.ts). */
export function requantizeByBlock(sum: i32, block: usize, lane: i32, zero: i32, low: i32, high: i32): i32 {
  const multiplier = load<i32>(block + (lane << 2));
  return requantizeFixed(sum, multiplier, load<i8>(block + lane, SHIFTS), load<i32>(block, AWAY), zero, low, high);
}
