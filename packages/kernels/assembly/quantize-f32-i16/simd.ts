import { storeWords } from '../requantize/sum-i16-simd';
import { MOST_STEPS } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 28 bytes past x. */
export function quantizeF32I16(n: i32, x: usize, y: usize, scale: f32, zero: i32, away: i32): void {
  const scales = f32x4.splat(scale);
  const low = f32x4.splat(<f32>-32768 - <f32>zero);
  const high = f32x4.splat(<f32>32767 - <f32>zero);
  const most = f32x4.splat(away ? MOST_STEPS : f32.POSITIVE_INFINITY);
  const offset = i32x4.splat(zero);
  for (; n > 0; n -= 8) {
    const first = steps(v128.load(x), scales, low, high, most, away);
    const second = steps(v128.load(x, 16), scales, low, high, most, away);
    storeWords(y, i16x8.narrow_i32x4_s(i32x4.add(first, offset), i32x4.add(second, offset)), min(n, 8));
    x += 32;
    y += 16;
  }
}

/** NaN is not at most anything. */
@inline
function steps(values: v128, scales: v128, low: v128, high: v128, most: v128, away: i32): v128 {
  const quotients = f32x4.div(values, scales);
  const known = v128.bitselect(quotients, low, f32x4.le(quotients, most));
  const inside = f32x4.pmin(high, f32x4.pmax(low, known));
  return i32x4.trunc_sat_f32x4_s(away ? roundAway(inside) : f32x4.nearest(inside));
}

@inline
function roundAway(values: v128): v128 {
  const whole = f32x4.trunc(values);
  const isFar = f32x4.ge(f32x4.abs(f32x4.sub(values, whole)), f32x4.splat(0.5));
  const one = v128.or(v128.and(values, i32x4.splat(i32.MIN_VALUE)), f32x4.splat(1));
  return f32x4.add(whole, v128.and(isFar, one));
}
