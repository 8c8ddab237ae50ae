import { highMul } from '../requantize/fixed-scalar';

/** 48 / 17, -32 / 17 and 1 with two integer bits. */
const FIRST: i32 = 1515870810;
const SLOPE: i32 = -1010580540;
const ONE: i32 = 1 << 29;

/** 1 / (1 + x) for x in [0, 1), both times 2^31: one_over_one_plus_x_for_x_in_0_1 of gemmlowp, by Newton's method. */
export function reciprocal(x: i32): i32 {
  const half = halfSum(x, i32.MAX_VALUE);
  let y = FIRST + highMul(half, SLOPE);
  for (let i = 0; i < 3; i++) y += timesPowerOfTwo(highMul(y, ONE - highMul(half, y)), 2);
  return timesPowerOfTwo(y, 1);
}

/** RoundingHalfSum: (a + b) / 2, halves away from zero. */
function halfSum(a: i32, b: i32): i32 {
  const sum = <i64>a + <i64>b;
  return <i32>((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/** SaturatingRoundingMultiplyByPOT with a positive exponent. */
function timesPowerOfTwo(x: i32, exponent: i32): i32 {
  return <i32>min(max(<i64>x << <i64>exponent, <i64>i32.MIN_VALUE), <i64>i32.MAX_VALUE);
}
