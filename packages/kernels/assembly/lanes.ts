/**
 * Clamp of four float32 that keeps NaN. The order of operands does that: pmax(a, b) is `a < b ? b : a`, one
 * instruction on x64 where f32x4.max is about eight.
 */
@inline
export function clamp4(values: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(values, low), high);
}

/** Stores the first `count` float32 lanes, 1 <= count <= 4, and no byte more. */
export function storeF32(to: usize, lanes: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, lanes);
    return;
  }
  if (count & 2) {
    v128.store64_lane(to, lanes, 0);
    lanes = i64x2.shuffle(lanes, lanes, 1, 1);
    to += 8;
  }
  if (count & 1) v128.store32_lane(to, lanes, 0);
}

/** Stores the first `count` float32 of two vectors, 1 <= count <= 8. */
export function storeF32Pair(to: usize, low: v128, high: v128, count: i32): void {
  storeF32(to, low, count);
  if (count > 4) storeF32(to + 16, high, count - 4);
}

/** Stores the first `count` of 16 bytes, 1 <= count <= 16, and no byte more. */
export function storeBytes(to: usize, bytes: v128, count: i32): void {
  if (count >= 16) {
    v128.store(to, bytes);
    return;
  }
  if (count & 8) {
    v128.store64_lane(to, bytes, 0);
    bytes = i64x2.shuffle(bytes, bytes, 1, 1);
    to += 8;
  }
  let rest = i64x2.extract_lane(bytes, 0);
  if (count & 4) {
    store<i32>(to, <i32>rest);
    rest >>= 32;
    to += 4;
  }
  if (count & 2) {
    store<i16>(to, <i16>rest);
    rest >>= 16;
    to += 2;
  }
  if (count & 1) store<i8>(to, <i8>rest);
}

/** Sets `bytes` bytes to zero in steps of 16: up to 15 bytes past the end are zeroed too. */
@inline
export function zeroFill(to: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, i64x2.splat(0));
}

/** All bits of the first `count` of four lanes, 0 <= count <= 4. */
@inline
export function tailMask(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** Ways to combine values, of reductions. */
export const ADD: i32 = 0;
export const MAX: i32 = 1;
export const MIN: i32 = 2;

/** (v0 op v1) op (v2 op v3) in each lane. */
@inline
export function acrossLanes(operation: i32, v: v128): v128 {
  const pairs = combine(operation, v, i32x4.shuffle(v, v, 1, 0, 3, 2));
  return combine(operation, i32x4.shuffle(pairs, pairs, 0, 0, 0, 0), i32x4.shuffle(pairs, pairs, 2, 2, 2, 2));
}

/** `operation` of two vectors; NaN wins. */
@inline
export function combine(operation: i32, a: v128, b: v128): v128 {
  if (operation == MAX) return f32x4.max(a, b);
  if (operation == MIN) return f32x4.min(a, b);
  return f32x4.add(a, b);
}

/** Copies in steps of 16 bytes, up to 12 bytes past the end on both sides; memory.copy is a call, too slow here. */
@inline
export function copyFloats(from: usize, bytes: i32, to: usize): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}
