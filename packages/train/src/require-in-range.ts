import { OptionsError } from '@espalier/core';

/** Bounds of a number; `above` and `below` are themselves outside. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** @throws {OptionsError} when the number is outside of its bounds, or none */
export function requireInRange(name: string, value: number, bounds: Bounds): void {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = bounds;
  if (value >= min && value <= max && value > above && value < below) return;
  const words = Object.entries(bounds).map(([bound, limit]) => `${bound} ${limit}`);
  throw new OptionsError({
    what: `"${name}" is ${String(value)}.`,
    fix: `Give a number: ${words.join(', ')}.`,
  });
}

/** @throws {OptionsError} when it is no whole number from `min` on */
export function requireWhole(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new OptionsError({
    what: `"${name}" is ${String(value)}.`,
    fix: `Give a whole number from ${min} on.`,
  });
}
