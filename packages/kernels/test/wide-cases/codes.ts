import fc from 'fast-check';
import { type FixedPoint, fixedPointScale } from '../../src/fixed-point.js';
import type { Rounding } from '../../src/multipliers.js';
import type { WideKernels } from '../../src/wide-loader.js';
import type { Arena } from '../arena.js';
import { requantizeFixed } from '../plain.js';
import { type Data, uniform } from '../random-data.js';

export type WideArena = Arena<WideKernels>;

const KINDS = { random: undefined, lowest: -32768, highest: 32767 };

/** `length` int16; every value of a kind `lowest` is -32768. */
export function int16s(length: number, { seed, kind }: Data): Int16Array {
  const next = uniform(seed);
  if (kind === 'extremes') return Int16Array.from({ length }, () => (next() < 0.5 ? -32768 : 32767));
  return Int16Array.from({ length }, () => KINDS[kind] ?? Math.floor(next() * 65536) - 32768);
}

export const wideZero: fc.Arbitrary<number> = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -32768, max: 32767 }),
  fc.constantFrom(-32768, 32767),
);

/** Bounds of a fused clamp in codes, low <= high. */
export const int16Range: fc.Arbitrary<readonly [number, number]> = fc.oneof(
  fc.constant([-32768, 32767] as const),
  fc.tuple(wideZero, wideZero).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
);

/** From factors that leave nothing to ones that saturate; the first ones make ties. */
export const factor: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0.5, 0.25, 1, 2, 2 ** -9, 0.75, 1 - 2 ** -32, 2 ** -17, 2 ** -31),
  fc.double({ min: 2 ** -24, max: 2, noNaN: true }),
);

/** The address of a factor as kernels take it. */
export function place(arena: WideArena, real: FixedPoint, how: Rounding): number {
  return arena.input(fixedPointScale(real, how));
}

/** A value times a factor, held far outside of int16. */
export function scaled(value: number, by: FixedPoint, how: Rounding): number {
  return requantizeFixed(value, by, how, 0, -(2 ** 30), 2 ** 30);
}

export function code(value: number, zero: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value + zero, low), high);
}
