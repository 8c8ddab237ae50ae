/*
 * What reduce-f32 computes, by number; src/reductions.ts has the same numbers.
 */

export const SUM: i32 = 0;
export const MEAN: i32 = 1;
export const MAX: i32 = 2;
export const MIN: i32 = 3;
export const SUM_SQUARE: i32 = 4;
/** Sum of magnitudes. */
export const L1: i32 = 5;
/** Root of the sum of squares. */
export const L2: i32 = 6;
