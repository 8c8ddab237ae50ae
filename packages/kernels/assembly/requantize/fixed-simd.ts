import { roundOnce, roundTwice } from './fixed-scalar';
import { AWAY, NUDGE, POWERS, SHIFTS } from './rule';

/**
 * Four int32 sums times the four multipliers of a block (./rule.ts), rounded; what passes int32 is held to +-2^30.
 *
 * Both rules are floor((v + 2^(e - 1) - away) / 2^e) with v = floor((sum * multiplier + nudge) / 2^31) and e = -shift > 0.
 * Once: floors of floors are one floor, so rounding at the end is all there is. Twice: nudge rounds v, and `away` takes 1
 * from what is negative, so that ties go away from zero. WebAssembly shifts all lanes by the same count: the second
 * division is a product with 2^(31 - e), then 2^31 is divided by. All of it is exact in 64 bits.
 */
export function multiplyByBlock(sums: v128, block: usize): v128 {
  if (load<i32>(block, POWERS) == 0) return oneByOne(sums, block);
  const v = highHalves(sums, v128.load(block), v128.load64_splat(block, NUDGE));
  const negative = v128.and(i32x4.shr_u(v, 31), v128.load32_splat(block, AWAY));
  return highHalves(i32x4.sub(v, negative), v128.load(block, POWERS), i64x2.splat(1 << 30));
}

/** floor((a * b + add) / 2^31) in each lane. */
@inline
function highHalves(a: v128, b: v128, add: v128): v128 {
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(a, b), add), 31);
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(a, b), add), 31);
  return i32x4.shuffle(low, high, 0, 2, 4, 6);
}

/** Where a multiplier is 1/2 or more: seldom, as sums are long and codes short. */
function oneByOne(sums: v128, block: usize): v128 {
  let result = i32x4.splat(one(i32x4.extract_lane(sums, 0), block, 0));
  result = i32x4.replace_lane(result, 1, one(i32x4.extract_lane(sums, 1), block, 1));
  result = i32x4.replace_lane(result, 2, one(i32x4.extract_lane(sums, 2), block, 2));
  return i32x4.replace_lane(result, 3, one(i32x4.extract_lane(sums, 3), block, 3));
}

function one(sum: i32, block: usize, lane: i32): i32 {
  const multiplier = load<i32>(block + (lane << 2));
  const shift = <i32>load<i8>(block + lane, SHIFTS);
  const value = load<i32>(block, AWAY) ? <i64>roundTwice(sum, multiplier, shift) : roundOnce(sum, multiplier, shift);
  return <i32>min(max(value, <i64>-(1 << 30)), <i64>(1 << 30));
}
