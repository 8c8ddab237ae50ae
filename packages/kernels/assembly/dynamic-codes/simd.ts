import { clampCode } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 28 bytes past x. */
export function dynamicCodes(rows: i32, k: i32, x: usize, codes: usize, stride: i32, scale: usize): void {
  const count = rows * k;
  let lows = f32x4.splat(0);
  let highs = f32x4.splat(0);
  let i = 0;
  for (; i <= count - 4; i += 4) {
    const values = v128.load(x + (i << 2));
    lows = f32x4.min(lows, values);
    highs = f32x4.max(highs, values);
  }
  let low = min<f32>(
    min<f32>(f32x4.extract_lane(lows, 0), f32x4.extract_lane(lows, 1)),
    min<f32>(f32x4.extract_lane(lows, 2), f32x4.extract_lane(lows, 3)),
  );
  let high = max<f32>(
    max<f32>(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
    max<f32>(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
  );
  for (; i < count; i++) {
    const value = load<f32>(x + (i << 2));
    low = min<f32>(low, value);
    high = max<f32>(high, value);
  }
  const unit: f32 = high == low ? 1 : (high - low) / 255;
  store<f32>(scale, unit);
  const zero = clampCode(nearest<f32>(-low / unit));
  const units = f32x4.splat(unit);
  const least = f32x4.splat(<f32>-zero);
  const most = f32x4.splat(<f32>255 - <f32>zero);
  for (let row = 0; row < rows; row++) {
    const to = codes + ((row * stride) << 1);
    const from = x + ((row * k) << 2);
    for (let at = 0; at < stride; at += 8) {
      const first = steps(v128.load(from + (at << 2)), units, least, most);
      const second = steps(v128.load(from + (at << 2), 16), units, least, most);
      v128.store(to + (at << 1), i16x8.narrow_i32x4_s(first, second));
    }
    for (let at = k; at < stride; at++) store<i16>(to + (at << 1), 0);
  }
}

/** Bounds are whole numbers: clamped before they are rounded, quotients give the same. NaN becomes 0. */
@inline
function steps(values: v128, units: v128, least: v128, most: v128): v128 {
  const inside = f32x4.min(most, f32x4.max(least, f32x4.div(values, units)));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(inside));
}
