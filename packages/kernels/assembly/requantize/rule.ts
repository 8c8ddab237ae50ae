/**
 * Whether this binary multiplies sums by 31-bit fixed-point fractions, as the rules `tflite` and `tflite-double` do. A
 * constant of the compiler's command line: the binaries for rule `onnx` hold no trace of it.
 */
// @ts-ignore: decorator
@inline
export function isFixedPoint(): bool {
  // @ts-ignore: a constant of the command line
  return isDefined(FIXED_POINT);
}

/*
 * The block of four fixed-point multipliers that packed weights hold in place of four float32, written by
 * src/fixed-point.ts: 4 int32 multipliers, 4 int32 powers, 4 int8 shifts, int32 away, int64 nudge.
 *
 * A multiplier m and its shift stand for m / 2^31 * 2^shift; m is 0 or at least 2^30, shifts go from -31 to 30. A power is
 * 2^(31 + shift), or 0 in the whole block where a shift of it is not below 0. Rounded once, away and nudge are 0; rounded
 * twice, they are 1 and 2^30.
 */
export const POWERS: usize = 16;
export const SHIFTS: usize = 32;
export const AWAY: usize = 36;
export const NUDGE: usize = 40;

/** Bytes of four multipliers. */
// @ts-ignore: decorator
@inline
export function multiplierBytes(): i32 {
  return isFixedPoint() ? 48 : 16;
}
