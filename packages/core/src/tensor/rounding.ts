/**
 * Nearest integer, ties to even: what ONNX calls round.
 *
 * @see ONNX QuantizeLinear, opset 21; IEEE 754-2019 section 4.3.1
 */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Nearest integer, ties away from zero: what TensorFlow Lite's quantize does (C's std::round). */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  // Not floor(x + 0.5): that sum rounds 0.49999999999999994 up to 1.
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

/** `x` limited to [min, max]. */
export function clamp(x: number, min: number, max: number): number {
  return x < min ? min : x > max ? max : x;
}
