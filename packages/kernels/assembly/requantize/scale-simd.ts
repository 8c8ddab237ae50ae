import { Scale } from './scale';

/**
 * Four values times one multiplier, as `scaled` of ./scale-scalar.ts, for values of up to 2^28 in size (2^30 by shifts of -30 and more)
 * or, where the scale shifts to the left, any. Not inlined: three of these in one loop leave no registers.
 */
export function scaled4(values: v128, scale: Scale): v128 {
  if (scale.shift > 0) {
    const bound = i32x4.splat(scale.bound);
    values = i32x4.shl(i32x4.min_s(i32x4.max_s(values, i32x4.neg(bound)), bound), scale.shift);
  }
  const multiplier = i32x4.splat(scale.multiplier);
  const nudge = i64x2.splat(scale.nudge);
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(values, multiplier), nudge), 31);
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(values, multiplier), nudge), 31);
  const product = i32x4.shuffle(low, high, 0, 2, 4, 6);
  if (scale.shift >= 0) return held(product);
  const negative = v128.and(i32x4.shr_u(product, 31), i32x4.splat(scale.away));
  return i32x4.shr_s(i32x4.sub(i32x4.add(product, i32x4.splat(scale.half)), negative), -scale.shift);
}

/** Held to +-2^30. */
@inline
function held(values: v128): v128 {
  return i32x4.min_s(i32x4.max_s(values, i32x4.splat(-(1 << 30))), i32x4.splat(1 << 30));
}

/** clamp(value + zero, low, high) of eight int32 of up to 2^30 in size, as eight int8 in the low half. */
@inline
export function narrowCodes(first: v128, second: v128, zero: v128, low: v128, high: v128): v128 {
  const words = i16x8.narrow_i32x4_s(i32x4.add(first, zero), i32x4.add(second, zero));
  return i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(words, words), low), high);
}
