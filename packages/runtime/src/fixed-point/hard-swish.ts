import { fixedPoint } from '@espalier/kernels';

const f = Math.fround;
const [least, most] = [-(2 ** 15), 2 ** 15 - 1];

/**
 * HardSwish in the 16-bit arithmetic of TensorFlow Lite, from steps to steps; null where the result's scale is too small for it.
 *
 * @see HardSwish in tensorflow/lite/kernels/internal/reference/hard_swish.h
 */
export function hardSwish(xScale: number, yScale: number): ((steps: number) => number) | null {
  const fine = f(xScale / 128);
  const output = fixedPoint(f(fine / yScale));
  const inner = fixedPoint(f(fine / f(3 / 32768)));
  if (output.shift > 0) return null;
  const [outputFactor, innerFactor] = [toInt16(output.value), toInt16(inner.value)];
  return (steps) => {
    const value = steps * 128;
    let part = value;
    if (inner.shift > 0) part = held(part * 2 ** (inner.shift - 1));
    part = roundedHighMul(part, innerFactor);
    if (inner.shift > 0) part = held(part * 2);
    if (inner.shift < 0) part = dividedByPower(part, -inner.shift);
    // From [-1, 1] to [0, 1].
    part = (part + 2 ** 15) >> 1;
    const product = Math.trunc((part * roundedHighMul(value, outputFactor)) / 2 ** 15);
    return dividedByPower(product, -output.shift);
  };
}

/** DownScaleInt32ToInt16Multiplier. */
function toInt16(multiplier: number): number {
  return multiplier >= 2 ** 31 - 1 - 2 ** 15 ? most : (multiplier + 2 ** 15) >> 16;
}

function held(value: number): number {
  return Math.min(Math.max(value, least), most);
}

/** SaturatingRoundingDoublingHighMul of two int16; b is not -2^15. */
function roundedHighMul(a: number, b: number): number {
  return (a * b + 2 ** 14) >> 15;
}

/** RoundingDivideByPOT. */
function dividedByPower(value: number, exponent: number): number {
  if (exponent === 0) return value;
  return (value + 2 ** (exponent - 1) - (value < 0 ? 1 : 0)) >> exponent;
}
