/** What `reduceF32` computes, by the number it takes for it. */
export const reductions = {
  sum: 0,
  mean: 1,
  max: 2,
  min: 3,
  sumSquare: 4,
  /** sum of magnitudes */
  l1: 5,
  /** root of the sum of squares */
  l2: 6,
} as const;

/** A reduction of `reduceF32`. */
export type ReductionName = keyof typeof reductions;
