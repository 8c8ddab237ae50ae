/**
 * sum + a * b in each float32 lane; product and sum both rounded, so that every machine gives the same bits.
 *
 * `--use FAST_MATH=1` makes it the relaxed instruction, which rounds once where the processor has a fused one and
 * twice elsewhere: of the products of float32 only, and only in a binary that is loaded on request. Compiled without
 * relaxed SIMD it is then a fused one in instructions that every machine has, for tests.
 */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, sum: v128): v128 {
  // @ts-ignore: a constant of the command line
  if (isDefined(FAST_MATH)) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
    return fused(a, b, sum);
  }
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Products of float32 are exact in float64; the sum is rounded to that first, which shows in one of 2^29. */
// @ts-ignore: decorator
@inline
function fused(a: v128, b: v128, sum: v128): v128 {
  const low = fusedPair(a, b, sum);
  const high = fusedPair(upper(a), upper(b), upper(sum));
  return i64x2.shuffle(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
function fusedPair(a: v128, b: v128, sum: v128): v128 {
  const product = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.promote_low_f32x4(sum), product));
}

// @ts-ignore: decorator
@inline
function upper(lanes: v128): v128 {
  return i64x2.shuffle(lanes, lanes, 1, 1);
}
