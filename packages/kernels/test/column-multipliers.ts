import fc from 'fast-check';
import { fixedPoint, fixedPointMultipliers } from '../src/fixed-point.js';
import type { MultiplierKind, Multipliers, Rounding } from '../src/multipliers.js';
import { requantize, requantizeFixed } from './plain.js';

/** How fixed-point multipliers round; float32 ones do not ask. */
export const rounding: fc.Arbitrary<Rounding> = fc.constantFrom('once' as const, 'twice' as const);

/** Real factors as packers take them. */
export function asMultipliers(factors: Float32Array, kind: MultiplierKind, how: Rounding): Multipliers {
  return kind === 'float32' ? factors : fixedPointMultipliers(factors, how);
}

/** A sum to a code by one of the factors. */
export function requantizeBy(
  sum: number,
  factor: number,
  kind: MultiplierKind,
  how: Rounding,
  zero: number,
  [low, high]: readonly [number, number],
): number {
  if (kind === 'float32') return requantize(sum, factor, zero, low, high);
  return requantizeFixed(sum, fixedPoint(factor), how, zero, low, high);
}
