/**
 * Rows of activations to the order tiles read: for each step of K the 4 bytes (two int16, or four int8) of each row.
 * int16 values are x - zero; int8 values are x xor `flip` (0x80 makes them x + 128).
 */

/** A splatted zero point (T is i16) or flip (i8): what `activations` applies. */
@inline
export function activationShift<T>(zero: i32): v128 {
  return sizeof<T>() == 2 ? i16x8.splat(<i16>zero) : i8x16.splat(<i8>zero);
}

/** Four steps of one row: 8 values as int16, or 16 as int8. */
@inline
export function activations<T>(at: usize, shift: v128): v128 {
  if (sizeof<T>() == 2) return i16x8.sub(v128.load8x8_s(at), shift);
  return v128.xor(v128.load(at), shift);
}

/** Input bytes of four steps. */
@inline
export function fourStepBytes<T>(): i32 {
  return sizeof<T>() == 2 ? 8 : 16;
}

/** One row of k values as steps of K, 16 bytes at a time. */
@inline
export function prepareRow<T>(a: usize, k: i32, shift: v128, to: usize): void {
  for (let i = 0; i < k; i += fourStepBytes<T>()) {
    v128.store(to, activations<T>(a + i, shift));
    to += 16;
  }
}

/** Lanes 0 and 1 of two rows next to each other: a0 b0 a1 b1. */
@inline
export function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}

@inline
export function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}

/**
 * Interleaves `tiles` tiles of `rows` rows (1 to 6) of k values. Reads up to 15 bytes past a row and writes up to 80 bytes past
 * the tileBytes = ceil(k / rowsPerStep) * rows * 4 of the last tile; steps past k hold whatever stood there, their weights are 0.
 */
export function interleave<T>(
  tiles: i32, rows: i32, a: usize, aStride: i32, k: i32, shift: v128, to: usize, tileBytes: i32,
): void {
  for (; tiles > 0; tiles--) {
    interleaveTile<T>(rows, a, aStride, k, shift, to);
    a += rows * aStride;
    to += tileBytes;
  }
}

@inline
function interleaveTile<T>(rows: i32, a: usize, aStride: i32, k: i32, shift: v128, to: usize): void {
  const a1 = a + (rows > 1 ? aStride : 0);
  const a2 = a1 + (rows > 2 ? aStride : 0);
  const a3 = a2 + (rows > 3 ? aStride : 0);
  const a4 = a3 + (rows > 4 ? aStride : 0);
  const a5 = a4 + (rows > 5 ? aStride : 0);
  const step = rows << 2;
  for (let i = 0; i < k; i += fourStepBytes<T>()) {
    const x0 = activations<T>(a + i, shift);
    const x1 = activations<T>(a1 + i, shift);
    const x2 = activations<T>(a2 + i, shift);
    const x3 = activations<T>(a3 + i, shift);
    const low01 = zipLow(x0, x1);
    const low23 = zipLow(x2, x3);
    const high01 = zipHigh(x0, x1);
    const high23 = zipHigh(x2, x3);
    // Each store may run into the next step, which is written after it.
    const to1 = to + step;
    const to2 = to1 + step;
    const to3 = to2 + step;
    v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(to1, i64x2.shuffle(low01, low23, 1, 3));
    v128.store(to2, i64x2.shuffle(high01, high23, 0, 2));
    v128.store(to3, i64x2.shuffle(high01, high23, 1, 3));
    if (sizeof<T>() == 1) {
      if (rows > 4) storePairs(activations<T>(a4 + i, shift), activations<T>(a5 + i, shift), step, to + 16);
    }
    to = to3 + step;
  }
}

/** Rows 4 and 5 of four steps. With 5 rows the second of each pair runs into the next step, as above. */
@inline
function storePairs(x4: v128, x5: v128, step: i32, to: usize): void {
  const low = zipLow(x4, x5);
  const high = zipHigh(x4, x5);
  if (step == 24) {
    v128.store64_lane(to, low, 0);
    v128.store64_lane(to + step, low, 1);
    v128.store64_lane(to + step * 2, high, 0);
    v128.store64_lane(to + step * 3, high, 1);
  } else {
    v128.store32_lane(to, low, 0);
    v128.store32_lane(to + step, low, 2);
    v128.store32_lane(to + step * 2, high, 0);
    v128.store32_lane(to + step * 3, high, 2);
  }
}
