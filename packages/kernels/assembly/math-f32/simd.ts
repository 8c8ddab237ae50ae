import {
  ERF_0, ERF_1, ERF_2, ERF_3, ERF_4, ERF_5, ERF_SMALL, EXP_0, EXP_1, EXP_2, EXP_3, EXP_4, EXP_LEAST, EXP_MOST,
  EXPM1_LEAST, HALF_MANTISSA, LEAST_NORMAL, LN2_HIGH, LN2_LOW, LOG2_E, LOG_0, LOG_1, LOG_2, LOG_3, ROOT_2,
  ROOT_HALF_BITS, ROUNDER, SUBNORMAL_SCALE, SUBNORMAL_SHIFT, TAIL_A0, TAIL_A1, TAIL_A2, TAIL_A3, TAIL_A4, TAIL_B1,
  TAIL_B2, TAIL_B3, TAIL_B4, TAIL_B5, TAIL_END, TANH_END,
} from './constants';

/*
 * ./scalar.ts over four lanes, bit for bit. The constants are loaded from memory: V8 makes each v128.const anew in each
 * round of a loop, in three or four instructions, and exp then runs at two thirds of its speed (0.49 against 0.75 G/s,
 * Node 20). What several kernels use is called, not inlined: a call costs 13 % there, a copy 200 bytes.
 */

const EXP = memory.data<f32>([
  EXP_MOST, EXP_LEAST, LOG2_E, ROUNDER, LN2_HIGH, LN2_LOW, EXP_4, EXP_3, EXP_2, EXP_1, EXP_0, 1, EXPM1_LEAST, 2,
  TANH_END,
]);
const MOST: i32 = 0;
const LEAST: i32 = 4;
const LOG2: i32 = 8;
const ROUND: i32 = 12;
const HIGH: i32 = 16;
const LOW: i32 = 20;
const SERIES: i32 = 24;
const ONE: i32 = 44;
const EXPM1_LOW: i32 = 48;
const TWO: i32 = 52;
const TANH_HIGH: i32 = 56;

const LOG = memory.data<f32>([LOG_3, LOG_2, LOG_1, LOG_0, LEAST_NORMAL, SUBNORMAL_SCALE, Infinity, NaN]);
const TAIL = memory.data<f32>([
  TAIL_A4, TAIL_A3, TAIL_A2, TAIL_A1, TAIL_A0, TAIL_B5, TAIL_B4, TAIL_B3, TAIL_B2, TAIL_B1, 1, TAIL_END, -0.5,
]);
const ERF = memory.data<f32>([ERF_5, ERF_4, ERF_3, ERF_2, ERF_1, ERF_0, ERF_SMALL, ROOT_2]);

@inline
function splat(table: usize, offset: i32): v128 {
  return v128.load32_splat(table + offset);
}

/** p * x + the constant at `offset` */
@inline
function next(p: v128, x: v128, table: usize, offset: i32): v128 {
  return f32x4.add(f32x4.mul(p, x), splat(table, offset));
}

/** 1 in each lane. */
@inline
export function one4(): v128 {
  return splat(EXP, ONE);
}

@inline
function signMask(): v128 {
  return i32x4.splat(0x80000000);
}

/** `magnitude`, not negative, with the sign of x. */
@inline
function withSign(magnitude: v128, x: v128): v128 {
  return v128.or(magnitude, v128.and(x, signMask()));
}

@inline
function roundedLog2(x: v128): v128 {
  return next(x, splat(EXP, LOG2), EXP, ROUND);
}

@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, splat(EXP, ROUND));
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(EXP, HIGH))), f32x4.mul(n, splat(EXP, LOW)));
}

@inline
function wholePart(rounded: v128): v128 {
  return i32x4.sub(rounded, splat(EXP, ROUND));
}

@inline
function expm1Series(r: v128): v128 {
  let q = splat(EXP, SERIES);
  q = next(q, r, EXP, SERIES + 4);
  q = next(q, r, EXP, SERIES + 8);
  q = next(q, r, EXP, SERIES + 12);
  q = next(q, r, EXP, SERIES + 16);
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q));
}

@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), one4());
}

@inline
function scaledExp(r: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  const e = f32x4.add(expm1Series(r), one4());
  return f32x4.mul(f32x4.mul(e, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** `exp4` without a call, for the loops that do little else. */
@inline
export function exp4Inline(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, splat(EXP, MOST)), splat(EXP, LEAST));
  const rounded = roundedLog2(x);
  return scaledExp(remainder(x, rounded), wholePart(rounded));
}

export function exp4(x: v128): v128 {
  return exp4Inline(x);
}

export function expm14(x: v128): v128 {
  x = f32x4.pmax(x, splat(EXP, EXPM1_LOW));
  const rounded = roundedLog2(x);
  const power = powerOfTwo(wholePart(rounded));
  return f32x4.add(f32x4.mul(expm1Series(remainder(x, rounded)), power), f32x4.sub(power, one4()));
}

export function sigmoid4(x: v128): v128 {
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const one = one4();
  return f32x4.div(v128.bitselect(z, one, f32x4.lt(x, i32x4.splat(0))), f32x4.add(one, z));
}

export function tanh4(x: v128): v128 {
  const magnitude = f32x4.pmin(f32x4.abs(x), splat(EXP, TANH_HIGH));
  const e = expm14(f32x4.add(magnitude, magnitude));
  return withSign(f32x4.div(e, f32x4.add(e, splat(EXP, TWO))), x);
}

@inline
function logSeries(s: v128): v128 {
  const w = f32x4.mul(s, s);
  let p = splat(LOG, 0);
  p = next(p, w, LOG, 4);
  p = next(p, w, LOG, 8);
  p = next(p, w, LOG, 12);
  return f32x4.mul(w, p);
}

export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, splat(LOG, 16));
  const bits = v128.bitselect(f32x4.mul(x, splat(LOG, 20)), x, subnormal);
  const exponent = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(ROOT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(bits, i32x4.shl(exponent, 23)), one4());
  const shift = v128.and(subnormal, i32x4.splat(SUBNORMAL_SHIFT));
  const n = f32x4.convert_i32x4_s(i32x4.sub(exponent, shift));
  const s = f32x4.div(f, f32x4.add(f, splat(EXP, TWO)));
  const near = f32x4.sub(f, f32x4.mul(s, f32x4.sub(f, logSeries(s))));
  const low = f32x4.add(f32x4.mul(n, splat(EXP, LOW)), near);
  const result = f32x4.add(low, f32x4.mul(n, splat(EXP, HIGH)));
  const zero = i32x4.splat(0);
  const infinity = splat(LOG, 24);
  const outside = v128.bitselect(f32x4.neg(infinity), splat(LOG, 28), f32x4.eq(x, zero));
  const finite = v128.bitselect(result, outside, f32x4.gt(x, zero));
  return v128.bitselect(x, finite, f32x4.eq(x, infinity));
}

export function softplus4(x: v128): v128 {
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(z, f32x4.add(z, splat(EXP, TWO)));
  const log = f32x4.add(f32x4.add(s, s), f32x4.mul(s, logSeries(s)));
  return f32x4.add(f32x4.pmax(x, i32x4.splat(0)), log);
}

export function normalTail4(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), splat(TAIL, 44));
  const high = v128.and(a, i32x4.splat(HALF_MANTISSA));
  const minusHalf = splat(TAIL, 48);
  const low = f32x4.mul(f32x4.mul(f32x4.sub(a, high), f32x4.add(a, high)), minusHalf);
  const square = f32x4.mul(f32x4.mul(high, high), minusHalf);
  const rounded = roundedLog2(square);
  const e = scaledExp(f32x4.add(remainder(square, rounded), low), wholePart(rounded));
  let p = splat(TAIL, 0);
  p = next(p, a, TAIL, 4);
  p = next(p, a, TAIL, 8);
  p = next(p, a, TAIL, 12);
  p = next(p, a, TAIL, 16);
  let q = splat(TAIL, 20);
  q = next(q, a, TAIL, 24);
  q = next(q, a, TAIL, 28);
  q = next(q, a, TAIL, 32);
  q = next(q, a, TAIL, 36);
  q = next(q, a, TAIL, 40);
  return f32x4.div(f32x4.mul(e, p), q);
}

export function erf4(x: v128): v128 {
  const w = f32x4.mul(x, x);
  let p = splat(ERF, 0);
  p = next(p, w, ERF, 4);
  p = next(p, w, ERF, 8);
  p = next(p, w, ERF, 12);
  p = next(p, w, ERF, 16);
  p = next(p, w, ERF, 20);
  const tail = normalTail4(f32x4.mul(x, splat(ERF, 28)));
  const large = withSign(f32x4.sub(one4(), f32x4.add(tail, tail)), x);
  return v128.bitselect(f32x4.mul(x, p), large, f32x4.lt(f32x4.abs(x), splat(ERF, 24)));
}
