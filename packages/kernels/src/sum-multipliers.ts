import { fixedPoint } from './fixed-point.js';

/**
 * How sums of int16 times int8 become int16. `nearest`: half to even of sum * factor, rule `onnx`. `short`: by a fraction of 15 bits,
 * halves up, as TensorFlow Lite multiplies sums of 64 bits in both of its rules.
 */
export type SumRule = 'nearest' | 'short';

/** Factors of columns, one for each or one for all, and how they are rounded. */
export interface SumMultipliers {
  readonly rule: SumRule;
  readonly factors: ArrayLike<number>;
}

/** Numbers of assembly/packed-i16.ts. */
export const RULES: Readonly<Record<SumRule, number>> = { nearest: 0, short: 1 };

/** Below these sizes whole numbers are summed, and multiplied by 15 bits, exactly in float64. */
export const SUM_LIMITS: Readonly<Record<SumRule, number>> = { nearest: 2 ** 53, short: 2 ** 37 };

/** m * 2^(shift - 15), nearest to a factor. @see MultiplyByQuantizedMultiplier of int64 in tensorflow/lite/kernels/internal/common.cc */
function shortFraction(factor: number): { readonly multiplier: number; readonly shift: number } {
  const { value, shift } = fixedPoint(factor);
  return { multiplier: value < 0x7fff0000 ? (value + 2 ** 15) >> 16 : 0x7fff, shift };
}

/** What a sum is multiplied with, in float64: exact where it is of 15 bits. */
export function sumMultiplier(rule: SumRule, factor: number): number {
  if (rule === 'nearest') return factor;
  const { multiplier, shift } = shortFraction(factor);
  return multiplier * 2 ** (shift - 15);
}

/** What `matMulI16` takes: a float64 for rule `nearest`, else two int64. */
export function runTimeMultiplier(rule: SumRule, factor: number): Float64Array | BigInt64Array {
  if (rule === 'nearest') return Float64Array.of(factor);
  const { multiplier, shift } = shortFraction(factor);
  return BigInt64Array.of(BigInt(multiplier), BigInt(shift));
}
