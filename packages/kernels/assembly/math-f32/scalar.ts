import {
  ERF_0, ERF_1, ERF_2, ERF_3, ERF_4, ERF_5, ERF_SMALL, EXP_0, EXP_1, EXP_2, EXP_3, EXP_4, EXP_LEAST, EXP_MOST,
  EXPM1_LEAST, HALF_MANTISSA, LEAST_NORMAL, LN2_HIGH, LN2_LOW, LOG2_E, LOG_0, LOG_1, LOG_2, LOG_3, ROOT_2,
  ROOT_HALF_BITS, ROUNDER, SUBNORMAL_SCALE, SUBNORMAL_SHIFT, TAIL_A0, TAIL_A1, TAIL_A2, TAIL_A3, TAIL_A4, TAIL_B1,
  TAIL_B2, TAIL_B3, TAIL_B4, TAIL_B5, TAIL_END, TANH_END,
} from './constants';

/*
 * Elementary functions in float32. Every step is rounded to float32 and the order of steps is part of what is computed,
 * so the results do not depend on the machine or its library. Errors are the largest found against float64 over every
 * 101st float32 (test/math-accuracy.test.ts asserts them), in units in the last place of the result; results below
 * 2^-126 count in units of 2^-149. NaN gives NaN.
 */

/** The smaller, and NaN where `value` is NaN. */
@inline
export function atMost(value: f32, most: f32): f32 {
  return most < value ? most : value;
}

/** The greater, and NaN where `value` is NaN. */
@inline
export function atLeast(value: f32, least: f32): f32 {
  return value < least ? least : value;
}

/** A float32 whose low bits are n, for x = n ln 2 + r and |r| <= ln(2) / 2. */
@inline
function roundedLog2(x: f32): f32 {
  return x * LOG2_E + ROUNDER;
}

@inline
function remainder(x: f32, rounded: f32): f32 {
  const n = rounded - ROUNDER;
  return x - n * LN2_HIGH - n * LN2_LOW;
}

@inline
function wholePart(rounded: f32): i32 {
  return reinterpret<i32>(rounded) - reinterpret<i32>(ROUNDER);
}

/** e^r - 1 */
@inline
function expm1Series(r: f32): f32 {
  return r + r * r * ((((EXP_4 * r + EXP_3) * r + EXP_2) * r + EXP_1) * r + EXP_0);
}

/** 2^n for -127 < n < 128. */
@inline
function powerOfTwo(n: i32): f32 {
  return reinterpret<f32>((n << 23) + reinterpret<i32>(<f32>1));
}

/** e^r * 2^n, in two halves: subnormal results are rounded once. */
@inline
function scaledExp(r: f32, n: i32): f32 {
  const half = n >> 1;
  return (expm1Series(r) + 1) * powerOfTwo(half) * powerOfTwo(n - half);
}

/** e^x, within 1.0 ULP; over- and underflow to infinity, subnormals and 0. */
export function expOne(x: f32): f32 {
  x = atLeast(atMost(x, EXP_MOST), EXP_LEAST);
  const rounded = roundedLog2(x);
  return scaledExp(remainder(x, rounded), wholePart(rounded));
}

/** e^x - 1 for x <= 88, within 1.1 ULP. */
export function expm1One(x: f32): f32 {
  x = atLeast(x, EXPM1_LEAST);
  const rounded = roundedLog2(x);
  const power = powerOfTwo(wholePart(rounded));
  return expm1Series(remainder(x, rounded)) * power + (power - 1);
}

/** 1 / (1 + e^-x), within 2.3 ULP. */
export function sigmoidOne(x: f32): f32 {
  const z = expOne(-abs(x));
  return (x < 0 ? z : 1) / (1 + z);
}

/** tanh x, within 2.6 ULP; -0 gives -0. */
export function tanhOne(x: f32): f32 {
  const magnitude = atMost(abs(x), TANH_END);
  const e = expm1One(magnitude + magnitude);
  return copysign<f32>(e / (e + 2), x);
}

/** (ln(1 + f) - 2 s) / s for s = f / (2 + f). */
@inline
function logSeries(s: f32): f32 {
  const w = s * s;
  return w * (((LOG_3 * w + LOG_2) * w + LOG_1) * w + LOG_0);
}

/** ln x, within 0.9 ULP; 0 gives -infinity, less than 0 NaN. */
export function logOne(x: f32): f32 {
  const subnormal = x < LEAST_NORMAL;
  const bits = reinterpret<i32>(subnormal ? x * SUBNORMAL_SCALE : x);
  const exponent = (bits - ROOT_HALF_BITS) >> 23;
  const f = reinterpret<f32>(bits - (exponent << 23)) - 1;
  const n = <f32>(exponent - (subnormal ? SUBNORMAL_SHIFT : 0));
  const s = f / (f + 2);
  const result = n * LN2_LOW + (f - s * (f - logSeries(s))) + n * LN2_HIGH;
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  return x == Infinity ? x : result;
}

/** ln(1 + e^x), within 2.6 ULP. */
export function softplusOne(x: f32): f32 {
  const z = expOne(-abs(x));
  const s = z / (z + 2);
  return atLeast(x, 0) + (s + s + s * logSeries(s));
}

/** P(X > |x|) for a standard normal X, within 9 ULP, 6 up to |x| = 10. */
export function normalTailOne(x: f32): f32 {
  const a = atMost(abs(x), TAIL_END);
  // a^2 in two parts: e^(-a^2 / 2) of a rounded square alone would be off by 60 ULP.
  const high = reinterpret<f32>(reinterpret<i32>(a) & HALF_MANTISSA);
  const low = (a - high) * (a + high) * -0.5;
  const square = high * high * -0.5;
  const rounded = roundedLog2(square);
  const e = scaledExp(remainder(square, rounded) + low, wholePart(rounded));
  const p = (((TAIL_A4 * a + TAIL_A3) * a + TAIL_A2) * a + TAIL_A1) * a + TAIL_A0;
  const q = ((((TAIL_B5 * a + TAIL_B4) * a + TAIL_B3) * a + TAIL_B2) * a + TAIL_B1) * a + 1;
  return e * p / q;
}

/** The error function, within 2.5 ULP; -0 gives -0. */
export function erfOne(x: f32): f32 {
  const w = x * x;
  const small = x * (((((ERF_5 * w + ERF_4) * w + ERF_3) * w + ERF_2) * w + ERF_1) * w + ERF_0);
  const tail = normalTailOne(x * ROOT_2);
  return abs(x) < ERF_SMALL ? small : copysign<f32>(1 - (tail + tail), x);
}
