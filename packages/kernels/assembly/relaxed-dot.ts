/**
 * sums + the dot product of each four neighbouring bytes: a signed, b as the machine takes it (`Kernels.relaxedDot`).
 * Where the machine is exact for neither meaning, the relaxed binary is not used at all.
 *
 * Relaxed kernels call this and never the instruction: for tests, a constant of the compiler's command line puts SIMD
 * code in its place that does what one kind of machine does, so that any machine covers all of them.
 */
// @ts-ignore: decorator
@inline
export function relaxedDot(a: v128, b: v128, sums: v128): v128 {
  // @ts-ignore: a constant of the command line
  if (isDefined(RELAXED_DOT_MEANING)) return imitate(a, b, sums, RELAXED_DOT_MEANING);
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sums);
}

// @ts-ignore: decorator
@inline
function imitate(a: v128, b: v128, sums: v128, meaning: i32): v128 {
  // 1: ARM's sdot. 2: AVX-VNNI's vpdpbusd. 3: pmaddubsw, x64 without AVX-VNNI. 4: Node 20's V8, which doubles.
  if (meaning == 3) return saturatedDot(a, b, sums);
  if (meaning == 4) return i32x4.add(sums, i32x4.shl(exactDot(a, b, i32x4.splat(0), false), 1));
  return exactDot(a, b, sums, meaning == 1);
}

/** Sums of two products are held to int16: wrong for some operands, so the probe has to tell. */
// @ts-ignore: decorator
@inline
function saturatedDot(a: v128, b: v128, sums: v128): v128 {
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_u(b));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), i16x8.extend_high_i8x16_u(b));
  const pairs = i16x8.narrow_i32x4_s(low, high);
  return i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(pairs));
}

/** What `relaxedDot` means for signed or unsigned b, in instructions every machine agrees on. */
// @ts-ignore: decorator
@inline
export function exactDot(a: v128, b: v128, sums: v128, signed: bool): v128 {
  const bLow = signed ? i16x8.extend_low_i8x16_s(b) : i16x8.extend_low_i8x16_u(b);
  const bHigh = signed ? i16x8.extend_high_i8x16_s(b) : i16x8.extend_high_i8x16_u(b);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), bLow);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), bHigh);
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  return i32x4.add(sums, i32x4.add(even, odd));
}
