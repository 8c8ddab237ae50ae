import type { FixedPoint, Rounding } from '@espalier/kernels';

/*
 * Fixed-point arithmetic for tables that are made once, in whole numbers of any size: what gemmlowp's
 * fixedpoint/fixedpoint.h computes. A raw number of n integer bits stands for raw / 2^(31 - n).
 */

const one = 2n ** 31n - 1n;

/** A whole number times a factor, rounded as a rule rounds: MultiplyByQuantizedMultiplier. */
export function timesFixedPoint(
  value: number | bigint,
  { value: multiplier, shift }: FixedPoint,
  rounding: Rounding,
): bigint {
  const product = BigInt(value) * BigInt(multiplier);
  if (rounding === 'once') return (product + (1n << BigInt(30 - shift))) >> BigInt(31 - shift);
  const left = BigInt(value) << BigInt(Math.max(shift, 0));
  return dividedByPower(highMul(saturated(left), BigInt(multiplier)), Math.max(-shift, 0));
}

/** SaturatingRoundingDoublingHighMul of operands that are not both -2^31: a * b / 2^31, ties up. */
export function highMul(a: bigint, b: bigint): bigint {
  return (a * b + (1n << 30n)) >> 31n;
}

/** RoundingDivideByPOT: value / 2^exponent, ties away from zero. */
export function dividedByPower(value: bigint, exponent: number): bigint {
  if (exponent === 0) return value;
  const half = 1n << BigInt(exponent - 1);
  return (value + half - (value < 0n ? 1n : 0n)) >> BigInt(exponent);
}

function saturated(value: bigint): bigint {
  if (value > one) return one;
  return value < -one - 1n ? -one - 1n : value;
}

/** exp(a) for a <= 0 with four or five integer bits, as a raw number of none: exp_on_negative_values. */
export function expOfNegative(a: bigint, integerBits: number): bigint {
  if (a === 0n) return one;
  const quarterBit = 29 - integerBits;
  const quarter = 1n << BigInt(quarterBit);
  const fraction = (a & (quarter - 1n)) - quarter;
  let result = expOfFraction(fraction << BigInt(integerBits));
  const rest = fraction - a;
  for (const [index, factor] of powers.slice(0, integerBits + 2).entries()) {
    if ((rest & (1n << BigInt(quarterBit + index))) !== 0n) result = highMul(result, factor);
  }
  return result;
}

/** exp(-2^k) for k from -2 to 4. */
const powers = [1672461947n, 1302514674n, 790015084n, 290630308n, 39332535n, 720401n, 242n];

/** exp(a) for a in [-1/4, 0), by a Taylor series about -1/8: exp_on_interval_between_negative_one_quarter_and_0_excl. */
function expOfFraction(a: bigint): bigint {
  const constant = 1895147668n;
  const third = 715827883n;
  const x = a + (1n << 28n);
  const x2 = highMul(x, x);
  const x3 = highMul(x2, x);
  const x4 = highMul(x2, x2);
  const higher = dividedByPower(highMul(dividedByPower(x4, 2) + x3, third) + x2, 1);
  return constant + highMul(constant, x + higher);
}

/** 1 / (1 + a) for a in [0, 1], raw numbers of no integer bits: logistic_on_positive_values takes it of exp(-x). */
function reciprocalOfOneMore(a: bigint): bigint {
  return saturated(newton(a) * 2n);
}

/** (1 - a) / (1 + a) for a in [0, 1]. */
function quotientOfDifference(a: bigint): bigint {
  return saturated((newton(a) - (1n << 29n)) * 4n);
}

/** 2 / (1 + a) with two integer bits, by three steps of Newton's method. */
function newton(a: bigint): bigint {
  const half = (a + one + 1n) / 2n;
  let x = 1515870810n + highMul(half, -1010580540n);
  for (let i = 0; i < 3; i++) x += saturated(highMul(x, (1n << 29n) - highMul(half, x)) * 4n);
  return x;
}

/** The logistic function of a number with four integer bits, as a raw number of none. */
export function logisticOf(a: bigint): bigint {
  if (a === 0n) return 1n << 30n;
  const positive = reciprocalOfOneMore(expOfNegative(-magnitude(a), 4));
  return a > 0n ? positive : one - positive;
}

/** The hyperbolic tangent of a number with four integer bits, as a raw number of none. */
export function tanhOf(a: bigint): bigint {
  if (a === 0n) return 0n;
  const positive = quotientOfDifference(expOfNegative(-magnitude(a), 5));
  return a > 0n ? positive : -positive;
}

function magnitude(a: bigint): bigint {
  return a < 0n ? -a : a;
}
