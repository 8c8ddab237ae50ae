import { relaxedDot } from '../relaxed-dot';

/*
 * One step of K, for whatever becomes of the sums. Types as in ./tiles.ts.
 */

/** Bytes of one step of K of a packed panel. */
@inline
export function stepBytes<T, W>(): i32 {
  return sizeof<T>() == 2 && sizeof<W>() == 1 ? 16 : 32;
}

/** The most rows of a tile: 8 sums of dot16, or 12 of the relaxed dot product, and what is loaded fill 16 registers. */
@inline
export function tileRows<T>(): i32 {
  return sizeof<T>() == 2 ? 4 : 6;
}

@inline
export function weightsLow<T, W>(at: usize): v128 {
  if (sizeof<T>() == 2 && sizeof<W>() == 1) return v128.load8x8_s(at);
  return v128.load(at);
}

@inline
export function weightsHigh<T, W>(at: usize): v128 {
  if (sizeof<T>() == 2 && sizeof<W>() == 1) return v128.load8x8_s(at, 8);
  return v128.load(at, 16);
}

/** sums + the products of the lanes of one step. */
@inline
export function dotAdd<T>(sums: v128, x: v128, weights: v128): v128 {
  // The weights are the signed operand; the activations are what this machine takes the other for.
  if (sizeof<T>() == 1) return relaxedDot(weights, x, sums);
  return i32x4.add(sums, i32x4.dot_i16x8_s(x, weights));
}
