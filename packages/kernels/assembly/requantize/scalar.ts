import { requantizeByBlock } from './fixed-scalar';
import { isFixedPoint, multiplierBytes } from './rule';

/**
 * Rule `onnx`: int32 sum to the next int8.
 *
 * q = clamp(roundHalfEven(f32(sum) * multiplier) + zero, low, high)
 *
 * The multiplier is f32(scaleIn * scaleWeight / scaleOut), computed in float64 and rounded once. The sum is
 * rounded to float32 (exact below 2^24), the product once more. This is what Q/DQ means in ONNX.
 */
@inline
export function requantize(sum: i32, multiplier: f32, zero: i32, low: i32, high: i32): i32 {
  return saturate(<f32>sum * multiplier, zero, low, high);
}

/**
 * clamp(round(value) + zero, low, high), halves to even, or away from zero in binaries of fixed-point multipliers, as
 * TensorFlow Lite quantizes. NaN gives `low`.
 */
@inline
export function saturate(value: f32, zero: i32, low: i32, high: i32): i32 {
  const least = <f32>(low - zero);
  const most = <f32>(high - zero);
  // Bounds are whole numbers, so clamping before rounding gives what clamping after it gives.
  const above = value > least ? value : least;
  const inside = above < most ? above : most;
  return <i32>(isFixedPoint() ? roundAway(inside) : nearest<f32>(inside)) + zero;
}

function roundAway(value: f32): f32 {
  const whole = trunc<f32>(value);
  return abs<f32>(value - whole) < 0.5 ? whole : whole + copysign<f32>(1, value);
}

/** One of the columns whose multipliers, of the binary's kind, are packed at `multipliers`: float32, or blocks of four. */
@inline
export function requantizeColumn(sum: i32, multipliers: usize, column: i32, zero: i32, low: i32, high: i32): i32 {
  if (isFixedPoint()) {
    const block = multipliers + (column >> 2) * multiplierBytes();
    return requantizeByBlock(sum, block, column & 3, zero, low, high);
  }
  return requantize(sum, load<f32>(multipliers + (column << 2)), zero, low, high);
}
