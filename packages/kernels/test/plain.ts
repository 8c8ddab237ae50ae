/** The arithmetic of the kernels in plain TypeScript, written from the specification. */

const f = Math.fround;

/** Half to even, as IEEE 754 and ONNX round. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** saturate(roundHalfEven(value) + zero) into [low, high]; NaN gives low. */
export function saturate(value: number, zero: number, low: number, high: number): number {
  if (Number.isNaN(value)) return low;
  return Math.min(Math.max(roundHalfEven(value) + zero, low), high);
}

/** Rule `onnx`: the sum and the product are float32. */
export function requantize(sum: number, multiplier: number, zero: number, low: number, high: number): number {
  return saturate(f(f(sum) * multiplier), zero, low, high);
}

/** Clamp that keeps NaN, and the sign of a zero that equals a bound. */
export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low;
  return value > high ? high : value;
}
