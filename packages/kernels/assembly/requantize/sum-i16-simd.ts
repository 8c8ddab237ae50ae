import { MULTIPLIERS, NEAREST } from '../packed-i16';

/** The bounds of a result less its zero point, as `finishSums` takes them. */
@inline
export function bound(code: i32, zero: i32): v128 {
  return f64x2.splat(<f64>(code - zero));
}

/** Adds eight int32 to the eight float64 at `sums`. */
@inline
export function addSums(sums: usize, low4: v128, high4: v128): void {
  addPair(sums, f64x2.convert_low_i32x4_s(low4));
  addPair(sums + 16, f64x2.convert_low_i32x4_s(upper(low4)));
  addPair(sums + 32, f64x2.convert_low_i32x4_s(high4));
  addPair(sums + 48, f64x2.convert_low_i32x4_s(upper(high4)));
}

@inline
function upper(lanes: v128): v128 {
  return i64x2.shuffle(lanes, lanes, 1, 1);
}

@inline
function addPair(sums: usize, more: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), more));
}

/** The eight float64 sums of a panel as eight int16: `requantizeSum` of each. */
export function finishSums(sums: usize, panel: usize, kind: i32, zero: i32, low: v128, high: v128): v128 {
  const multipliers = panel + MULTIPLIERS;
  const offset = i32x4.splat(zero);
  const first = four(sums, multipliers, kind, low, high);
  const second = four(sums + 32, multipliers + 32, kind, low, high);
  return i16x8.narrow_i32x4_s(i32x4.add(first, offset), i32x4.add(second, offset));
}

@inline
function four(sums: usize, multipliers: usize, kind: i32, low: v128, high: v128): v128 {
  const first = two(sums, multipliers, kind, low, high);
  const second = two(sums + 16, multipliers + 16, kind, low, high);
  return i64x2.shuffle(first, second, 0, 2);
}

@inline
function two(sums: usize, multipliers: usize, kind: i32, low: v128, high: v128): v128 {
  const product = f64x2.mul(v128.load(sums), v128.load(multipliers));
  const whole = kind == NEAREST ? f64x2.nearest(product) : f64x2.floor(f64x2.add(product, f64x2.splat(0.5)));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(f64x2.pmax(whole, low), high));
}

/** Stores the first `count` of eight int16, 1 <= count <= 8, and no byte more. */
@inline
export function storeWords(to: usize, words: v128, count: i32): void {
  if (count >= 8) {
    v128.store(to, words);
    return;
  }
  if (count & 4) {
    v128.store64_lane(to, words, 0);
    words = i64x2.shuffle(words, words, 1, 1);
    to += 8;
  }
  if (count & 2) {
    v128.store32_lane(to, words, 0);
    words = i32x4.shuffle(words, words, 1, 1, 1, 1);
    to += 4;
  }
  if (count & 1) v128.store16_lane(to, words, 0);
}
