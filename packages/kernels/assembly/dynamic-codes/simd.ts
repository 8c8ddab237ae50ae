import { AWAY, DIVIDED, UNIT_BYTES } from '../packed-dynamic';
import { codeOf, writeUnit } from './scalar';

/** 1.5 * 2^23: as in ../requantize/simd.ts, what rounds a float32 of up to 2^22 to even, and leaves its bits. */
const MAGIC: f32 = 12582912;
const MAGIC_BITS: i32 = 0x4b400000;

/** As ./scalar.ts, bit for bit. */
export function dynamicCodes(ranges: i32, count: i32, x: usize, codes: usize, units: usize, way: i32): void {
  for (; ranges > 0; ranges--) {
    const factor = measure(count, x, units, way);
    const zero = load<i32>(units, 4);
    for (let i = encode(count, x, codes, factor, zero, way); i < count; i++) store<i8>(codes + i, <i8>codeOf(load<f32>(x + (i << 2)), factor, zero, way));
    x += <usize>count << 2;
    codes += count;
    units += UNIT_BYTES;
  }
}

function measure(count: i32, x: usize, unit: usize, way: i32): f32 {
  let lows = f32x4.splat(0);
  let highs = lows;
  let nans = lows;
  let i = 0;
  // pmin and pmax are one instruction on x64, and skip NaN, which is looked for beside them.
  for (; i <= count - 4; i += 4) {
    const values = v128.load(x + (i << 2));
    lows = f32x4.pmin(lows, values);
    highs = f32x4.pmax(highs, values);
    nans = v128.or(nans, f32x4.ne(values, values));
  }
  let low = lane<f32>(lows, 0);
  let high = lane<f32>(highs, 0);
  let hasNaN = v128.any_true(nans);
  for (let j = 1; j < 4; j++) {
    low = min<f32>(low, lane<f32>(lows, j));
    high = max<f32>(high, lane<f32>(highs, j));
  }
  for (; i < count; i++) {
    const value = load<f32>(x + (i << 2));
    if (value < low) low = value;
    if (value > high) high = value;
    hasNaN = hasNaN || value != value;
  }
  return writeUnit(low, high, hasNaN, unit, way);
}

@inline
function lane<T>(values: v128, index: i32): f32 {
  if (index == 0) return f32x4.extract_lane(values, 0);
  if (index == 1) return f32x4.extract_lane(values, 1);
  return index == 2 ? f32x4.extract_lane(values, 2) : f32x4.extract_lane(values, 3);
}

/** Codes of whole fours; gives how many. */
function encode(count: i32, x: usize, codes: usize, factor: f32, zero: i32, way: i32): i32 {
  const factors = f32x4.splat(factor);
  const first = f32x4.splat(<f32>zero);
  // What is rounded is a code, or steps from the zero point.
  const least = way == AWAY ? f32x4.splat(-128) : f32x4.sub(f32x4.splat(-128), first);
  const most = way == AWAY ? f32x4.splat(127) : f32x4.sub(f32x4.splat(127), first);
  const offset = i32x4.splat(way == AWAY ? MAGIC_BITS : MAGIC_BITS - zero);
  let i = 0;
  for (; i <= count - 16; i += 16) {
    const from = x + (i << 2);
    const a = code4(v128.load(from), factors, first, least, most, offset, way);
    const b = code4(v128.load(from, 16), factors, first, least, most, offset, way);
    const c = code4(v128.load(from, 32), factors, first, least, most, offset, way);
    const d = code4(v128.load(from, 48), factors, first, least, most, offset, way);
    v128.store(codes + i, i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
  for (; i <= count - 4; i += 4) {
    const a = code4(v128.load(x + (i << 2)), factors, first, least, most, offset, way);
    const words = i16x8.narrow_i32x4_s(a, a);
    v128.store32_lane(codes + i, i8x16.narrow_i16x8_s(words, words), 0);
  }
  return i;
}

@inline
function code4(
  values: v128, factors: v128, zero: v128, least: v128, most: v128, offset: v128, way: i32,
): v128 {
  let steps = way == DIVIDED ? f32x4.div(values, factors) : f32x4.mul(values, factors);
  if (way == AWAY) steps = f32x4.add(zero, steps);
  // pmax(least, NaN) is least.
  let inside = f32x4.pmin(most, f32x4.pmax(least, steps));
  if (way == AWAY) {
    const whole = f32x4.trunc(inside);
    const isFar = f32x4.ge(f32x4.abs(f32x4.sub(inside, whole)), f32x4.splat(0.5));
    const one = v128.or(v128.and(inside, i32x4.splat(i32.MIN_VALUE)), f32x4.splat(1));
    inside = f32x4.add(whole, v128.and(isFar, one));
  }
  return i32x4.sub(f32x4.add(inside, f32x4.splat(MAGIC)), offset);
}
