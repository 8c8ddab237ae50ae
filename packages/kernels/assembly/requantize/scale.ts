/**
 * One fixed-point multiplier for all elements of a tensor, as `fixedPointScale` (src/fixed-point.ts) writes it: what
 * the scalar twins read, then what follows from it for SIMD.
 */
@unmanaged
export class Scale {
  /** 0, or 2^30 to 2^31 - 1: the factor is multiplier / 2^31 * 2^shift. */
  multiplier: i32;
  /** -31 to 30. */
  shift: i32;
  /** Whether it is rounded twice. */
  twice: i32;
  /** The largest size whose shift to the left fits int32. */
  bound: i32;
  /** 2^(-shift - 1), or 0: what rounds the shift to the right. */
  half: i32;
  /** 1 where ties of that shift go away from zero. */
  away: i32;
  /** 2^30 where the product itself is rounded, else 0. */
  nudge: i64;
}
