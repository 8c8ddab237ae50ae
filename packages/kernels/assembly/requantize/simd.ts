import { multiplyByBlock } from './fixed-simd';
import { isFixedPoint, multiplierBytes } from './rule';

/**
 * 1.5 * 2^23: a float32 of this size has steps of 1, so adding it rounds half to even, and its low bits
 * are the integer. One addition in place of `nearest` and the slow saturating conversion of x64.
 */
const MAGIC: f32 = 12582912;
const MAGIC_BITS: i32 = 0x4b400000;
const MAGIC_AT = memory.data<f32>([MAGIC]);

/**
 * MAGIC in each lane, out of memory. V8 builds a constant vector anew wherever it is used, by two instructions on the
 * ports that requantization waits for: depthwise convolutions were 1.3 times as slow.
 */
@inline
function magic4(): v128 {
  return v128.load32_splat(MAGIC_AT);
}

/** Lower bound of an unrounded float32, splatted. */
@inline
export function lowReal(low: i32, zero: i32): v128 {
  return f32x4.splat(<f32>(low - zero));
}

/** Upper bound of an unrounded float32, splatted. */
@inline
export function highReal(high: i32, zero: i32): v128 {
  return f32x4.splat(<f32>(high - zero));
}

/** What `saturate4` subtracts to turn the bits of a magic sum into an int32 with the zero point added. */
@inline
export function magicOffset(zero: i32): v128 {
  return i32x4.splat(MAGIC_BITS - zero);
}

/** Lower bound of a sum that has been multiplied, as `finish` and `settleSums` take it. */
@inline
export function lowBound(low: i32, zero: i32): v128 {
  return isFixedPoint() ? i32x4.splat(low - zero) : lowReal(low, zero);
}

/** Upper bound of a sum that has been multiplied. */
@inline
export function highBound(high: i32, zero: i32): v128 {
  return isFixedPoint() ? i32x4.splat(high - zero) : highReal(high, zero);
}

/** What turns a sum that has been multiplied into a code. */
@inline
export function zeroOffset(zero: i32): v128 {
  return isFixedPoint() ? i32x4.splat(zero) : magicOffset(zero);
}

/** Four int32 sums to four int32 in int8 range, by rule `onnx` of ./scalar.ts. */
@inline
export function requantize4(sums: v128, multipliers: v128, low: v128, high: v128, offset: v128): v128 {
  return saturate4(f32x4.mul(f32x4.convert_i32x4_s(sums), multipliers), low, high, offset);
}

/** Whole numbers from float32 that are within bounds: nothing to do where a magic sum rounds, else halves away from zero. */
@inline
function rounded(values: v128): v128 {
  if (!isFixedPoint()) return values;
  const whole = f32x4.trunc(values);
  const isFar = f32x4.ge(f32x4.abs(f32x4.sub(values, whole)), f32x4.splat(0.5));
  const one = v128.or(v128.and(values, i32x4.splat(i32.MIN_VALUE)), f32x4.splat(1));
  return f32x4.add(whole, v128.and(isFar, one));
}

/** Four float32 to four int32 in int8 range; NaN gives the lower bound (pmax(low, NaN) is low). */
@inline
export function saturate4(values: v128, low: v128, high: v128, offset: v128): v128 {
  const inside = f32x4.pmin(high, f32x4.pmax(low, values));
  return i32x4.sub(f32x4.add(rounded(inside), magic4()), offset);
}

/**
 * As `saturate4` without the upper bound: narrowing to int8 saturates, and one `i8x16.min_s` bounds sixteen results.
 * What is far above gives large bits, so it stays above. NaN gives the lower bound.
 */
@inline
export function settle4(values: v128, low: v128, offset: v128): v128 {
  return i32x4.sub(f32x4.add(rounded(f32x4.pmax(low, values)), magic4()), offset);
}

/** Sixteen int32 to sixteen int8, none above `most`. */
@inline
export function narrow16(q0: v128, q1: v128, q2: v128, q3: v128, most: v128): v128 {
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(q0, q1), i16x8.narrow_i32x4_s(q2, q3));
  return i8x16.min_s(bytes, most);
}

/** Eight int32 in int8 range to eight int8 in the low half. */
@inline
export function narrow8(low: v128, high: v128): v128 {
  const words = i16x8.narrow_i32x4_s(low, high);
  return i8x16.narrow_i16x8_s(words, words);
}

/** Eight sums to eight int8; the multipliers are those of the packed panel that starts at `header`. */
@inline
export function finish(low4: v128, high4: v128, header: usize, low: v128, high: v128, offset: v128): v128 {
  if (isFixedPoint()) return finishFixed(low4, high4, header + 32, low, high, offset);
  return narrow8(
    requantize4(low4, v128.load(header, 32), low, high, offset),
    requantize4(high4, v128.load(header, 48), low, high, offset),
  );
}

function finishFixed(low4: v128, high4: v128, block: usize, low: v128, high: v128, offset: v128): v128 {
  const first = i32x4.min_s(i32x4.max_s(multiplyByBlock(low4, block), low), high);
  const second = i32x4.min_s(i32x4.max_s(multiplyByBlock(high4, block + multiplierBytes()), low), high);
  return narrow8(i32x4.add(first, offset), i32x4.add(second, offset));
}

/** What `settleSums` takes of the multipliers of four columns, packed at `at`: float32 multipliers, or where the block is. */
@inline
export function multipliersAt(at: usize): v128 {
  if (isFixedPoint()) return i32x4.splat(<i32>at);
  return v128.load(at);
}

/** The multipliers of columns 4 to 7 of a panel whose multipliers start at `at`. */
@inline
export function secondMultipliersAt(at: usize): v128 {
  return multipliersAt(at + multiplierBytes());
}

/** Sixteen sums, four for each of `m0` to `m3` (`multipliersAt`), to sixteen int8 that are at most `most`. */
@inline
export function finish16(
  s0: v128, m0: v128, s1: v128, m1: v128, s2: v128, m2: v128, s3: v128, m3: v128, low: v128, offset: v128, most: v128,
): v128 {
  return narrow16(
    settleSums(s0, m0, low, offset), settleSums(s1, m1, low, offset),
    settleSums(s2, m2, low, offset), settleSums(s3, m3, low, offset), most,
  );
}

/** Eight sums to eight int8 in the low half. */
@inline
export function finish8(s0: v128, m0: v128, s1: v128, m1: v128, low: v128, offset: v128, most: v128): v128 {
  return i8x16.min_s(narrow8(settleSums(s0, m0, low, offset), settleSums(s1, m1, low, offset)), most);
}

/** Four sums to four int32, bounded below: as `settle4`. */
@inline
export function settleSums(sums: v128, multipliers: v128, low: v128, offset: v128): v128 {
  if (isFixedPoint()) {
    return i32x4.add(i32x4.max_s(multiplyByBlock(sums, i32x4.extract_lane(multipliers, 0)), low), offset);
  }
  return settle4(f32x4.mul(f32x4.convert_i32x4_s(sums), multipliers), low, offset);
}
