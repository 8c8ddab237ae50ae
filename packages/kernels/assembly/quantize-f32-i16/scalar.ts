/**
 * The largest float32 below 2^31. TensorFlow Lite converts a rounded quotient to int32, which C++ leaves open beyond that; on x64,
 * where its goldens were made, it gives the least int32, and that the least code.
 */
export const MOST_STEPS: f32 = 2147483520;

/**
 * q = clamp(round(f32(x / scale)) + zero, -32768, 32767) over n floats, halves to even (ONNX QuantizeLinear), or where `away` is not 0
 * away from zero (TensorFlow Lite's QUANTIZE; quotients above MOST_STEPS give -32768 then). NaN gives -32768.
 */
export function quantizeF32I16(n: i32, x: usize, y: usize, scale: f32, zero: i32, away: i32): void {
  assert(scale > 0 && zero >= -32768 && zero <= 32767);
  const low = <f32>-32768 - <f32>zero;
  const high = <f32>32767 - <f32>zero;
  const most = away ? MOST_STEPS : f32.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const quotient = load<f32>(x + (i << 2)) / scale;
    const steps = quotient <= most ? quotient : low;
    // Bounds are whole numbers, so clamping before rounding gives what clamping after it gives.
    const inside = min(max(steps, low), high);
    store<i16>(y + (i << 1), <i16>(<i32>(away ? roundAway(inside) : nearest<f32>(inside)) + zero));
  }
}

function roundAway(value: f32): f32 {
  const whole = trunc<f32>(value);
  return abs<f32>(value - whole) < 0.5 ? whole : whole + copysign<f32>(1, value);
}
