import { roundOnce, roundTwice } from './fixed-scalar';
import { Scale } from './scale';

/** value * scale, rounded as the scale says, held to +-2^30. */
export function scaled(value: i32, scale: Scale): i32 {
  const result = scale.twice
    ? <i64>roundTwice(value, scale.multiplier, scale.shift)
    : roundOnce(value, scale.multiplier, scale.shift);
  return <i32>min(max(result, <i64>-(1 << 30)), <i64>(1 << 30));
}

/** clamp(value + zero, low, high) for a value of up to 2^30 in size. */
export function clampCode(value: i32, zero: i32, low: i32, high: i32): i32 {
  return min(max(value + zero, low), high);
}
