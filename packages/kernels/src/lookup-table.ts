/** How the int8 of a tensor stand for real numbers: real = scale * (q - zeroPoint). */
export interface Int8Params {
  readonly scale: number;
  /** in [-128, 127] */
  readonly zeroPoint: number;
}

/**
 * The table `lut-i8` reads for any function of one number: entry q + 128 is the quantized
 * `apply(dequantized q)`.
 *
 * Each step as ONNX QuantizeLinear(apply(DequantizeLinear(q))): float32 in, float32 out of `apply`, quotient in
 * float32, half to even, saturated; NaN gives -128.
 */
export function lookupTable(
  apply: (real: number) => number,
  input: Int8Params,
  output: Int8Params,
): Int8Array {
  const inputScale = Math.fround(input.scale);
  const outputScale = Math.fround(output.scale);
  return Int8Array.from({ length: 256 }, (_, index) => {
    const real = Math.fround((index - 128 - input.zeroPoint) * inputScale);
    const scaled = Math.fround(Math.fround(apply(real)) / outputScale);
    if (Number.isNaN(scaled)) return -128;
    return Math.min(Math.max(roundHalfEven(scaled) + output.zeroPoint, -128), 127);
  });
}

/** Half to even, as IEEE 754 and ONNX round. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}
