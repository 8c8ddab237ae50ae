import type { FixedPointMultipliers, Rounding } from './multipliers.js';

/** A real factor as value / 2^31 * 2^shift. */
export interface FixedPoint {
  /** 0, or 2^30 to 2^31 - 1 */
  readonly value: number;
  /** -31 to 30 */
  readonly shift: number;
}

/**
 * The nearest fixed-point fraction, halves away from zero. Factors below 2^-32 become 0, those from 2^30 on the largest.
 *
 * @param factor - at least 0
 * @see QuantizeMultiplier in tensorflow/lite/kernels/internal/quantization_util.cc
 */
export function fixedPoint(factor: number): FixedPoint {
  const shift = exponentOf(factor);
  const value = Math.floor((factor / 2 ** shift) * 2 ** 31 + 0.5);
  if (value === 2 ** 31) return within(2 ** 30, shift + 1);
  return within(value, shift);
}

function within(value: number, shift: number): FixedPoint {
  if (shift < -31 || value === 0) return { value: 0, shift: 0 };
  return shift > 30 ? { value: 2 ** 31 - 1, shift: 30 } : { value, shift };
}

/** The exponent for which a positive number is a fraction from 1/2 to below 1; subnormals are far below what counts. */
function exponentOf(factor: number): number {
  const high = new Uint32Array(Float64Array.of(factor).buffer)[1] ?? 0;
  return ((high >>> 20) & 0x7ff) - 1022;
}

/** `fixedPoint` of each factor. */
export function fixedPointMultipliers(factors: ArrayLike<number>, rounding: Rounding): FixedPointMultipliers {
  const fractions = Array.from(factors, fixedPoint);
  return {
    values: Int32Array.from(fractions, ({ value }) => value),
    shifts: Int8Array.from(fractions, ({ shift }) => shift),
    rounding,
  };
}

/** A Scale of assembly/requantize/scale.ts, for kernels with one factor. */
export function fixedPointScale({ value, shift }: FixedPoint, rounding: Rounding): Int32Array {
  const twice = rounding === 'twice';
  const right = shift < 0;
  const bound = Math.floor((2 ** 31 - 1) / 2 ** Math.max(shift, 0));
  const nudge = twice || !right ? 2 ** 30 : 0;
  return Int32Array.of(
    value,
    shift,
    +twice,
    bound,
    right ? 2 ** (-shift - 1) : 0,
    +(twice && right),
    nudge,
    0,
  );
}

/**
 * The factor of a mean of `count` elements, from that of their sum: the multiplier takes the division in.
 *
 * @param count - at least 1
 * @see QuantizedMeanOrSum in tensorflow/lite/kernels/internal/reference/reduce.h
 */
export function fixedPointMean({ value, shift }: FixedPoint, count: number): FixedPoint {
  const bits = Math.min(31 - Math.clz32(count), 32, 31 + shift);
  return {
    value: Number((BigInt(value) << BigInt(bits)) / BigInt(count)),
    shift: shift - bits,
  };
}
