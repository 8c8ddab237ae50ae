/** The arithmetic of the kernels in plain TypeScript, written from the specification. */

import type { FixedPoint } from '../src/fixed-point.js';
import type { MultiplierKind, Rounding } from '../src/multipliers.js';

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

/** Rules `tflite` and `tflite-double`: value / 2^31 * 2^shift times the sum, in whole numbers of any size. */
export function requantizeFixed(
  sum: number,
  { value, shift }: FixedPoint,
  rounding: Rounding,
  zero: number,
  low: number,
  high: number,
): number {
  const product = rounding === 'once' ? once(BigInt(sum), value, shift) : twice(BigInt(sum), value, shift);
  const code = product + BigInt(zero);
  if (code < low) return low;
  return code > high ? high : Number(code);
}

function once(sum: bigint, value: number, shift: number): bigint {
  return (sum * BigInt(value) + (1n << BigInt(30 - shift))) >> BigInt(31 - shift);
}

/** gemmlowp/fixedpoint/fixedpoint.h: SaturatingRoundingDoublingHighMul and RoundingDivideByPOT; left shifts saturate. */
function twice(sum: bigint, value: number, shift: number): bigint {
  const shifted = sum << BigInt(Math.max(shift, 0));
  const least = -(2n ** 31n);
  const held = shifted < least ? least : shifted > 2n ** 31n - 1n ? 2n ** 31n - 1n : shifted;
  const product = held * BigInt(value);
  const high = (product + (product >= 0n ? 2n ** 30n : 1n - 2n ** 30n)) / 2n ** 31n;
  const divisor = 2n ** BigInt(Math.max(-shift, 0));
  const size = high < 0n ? -high : high;
  const nearest = (2n * size + divisor) / (2n * divisor);
  return high < 0n ? -nearest : nearest;
}

/** Quantizing of float32 in the binaries of a kind of multipliers. */
export function quantize(
  value: number,
  zero: number,
  low: number,
  high: number,
  multipliers: MultiplierKind,
): number {
  if (multipliers === 'float32') return saturate(value, zero, low, high);
  if (Number.isNaN(value)) return low;
  const size = Math.floor(Math.abs(value) + 0.5);
  return Math.min(Math.max(Math.sign(value) * size + zero, low), high);
}

/** Clamp that keeps NaN, and the sign of a zero that equals a bound. */
export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low;
  return value > high ? high : value;
}

/** Halves away from zero. */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}
