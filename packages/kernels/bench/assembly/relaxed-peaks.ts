import { STEP, STEPS } from './peaks';

export { peakDot16, peakF32 } from './peaks';

/** Steps that the operands of `peakRelaxedDot` last for. */
const DOT_STEPS: i32 = 100;

/**
 * As peakDot16: 16 products of bytes a vector, and twelve sums, since each product waits five cycles for the one before
 * it on Intel: eight sums gave 66 GMAC/s for 87 on an Emerald Rapids. Six words of activations a step, each splatted,
 * and two vectors of weights; with the same addresses every time Chromium 156 loads them ahead and runs out of registers.
 * rounds: a multiple of 100. at: 5600 bytes of operands. Each round does twelve vectors of products.
 */
export function peakRelaxedDot(rounds: i32, at: usize): i32 {
  let s0 = i32x4.splat(0);
  let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
  for (; rounds > 0; rounds -= DOT_STEPS) {
    let a = at;
    let b = at + DOT_STEPS * 24;
    const end = b + DOT_STEPS * 32;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const a0 = v128.load32_splat(a);
      s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a0, s0);
      s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a0, s1);
      const a1 = v128.load32_splat(a, 4);
      s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a1, s2);
      s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a1, s3);
      const a2 = v128.load32_splat(a, 8);
      s4 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a2, s4);
      s5 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a2, s5);
      const a3 = v128.load32_splat(a, 12);
      s6 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a3, s6);
      s7 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a3, s7);
      const a4 = v128.load32_splat(a, 16);
      s8 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a4, s8);
      s9 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a4, s9);
      const a5 = v128.load32_splat(a, 20);
      s10 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, a5, s10);
      s11 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, a5, s11);
      a += 24;
      b += 32;
    } while (b < end);
  }
  s0 = i32x4.add(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)), i32x4.add(i32x4.add(s4, s5), i32x4.add(s6, s7)));
  return i32x4.extract_lane(i32x4.add(s0, i32x4.add(i32x4.add(s8, s9), i32x4.add(s10, s11))), 0);
}

/** As peakF32, multiplied and added in one. */
export function peakRelaxedMadd(rounds: i32, operands: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (; rounds > 0; rounds -= STEPS) {
    for (let at = operands, end = at + STEPS * STEP; at < end; at += STEP) {
      const a0 = v128.load(at);
      const a1 = v128.load(at, 16);
      const b0 = v128.load(at, 32);
      s0 = f32x4.relaxed_madd(a0, b0, s0);
      s4 = f32x4.relaxed_madd(a1, b0, s4);
      const b1 = v128.load(at, 48);
      s1 = f32x4.relaxed_madd(a0, b1, s1);
      s5 = f32x4.relaxed_madd(a1, b1, s5);
      const b2 = v128.load(at, 64);
      s2 = f32x4.relaxed_madd(a0, b2, s2);
      s6 = f32x4.relaxed_madd(a1, b2, s6);
      const b3 = v128.load(at, 80);
      s3 = f32x4.relaxed_madd(a0, b3, s3);
      s7 = f32x4.relaxed_madd(a1, b3, s7);
    }
  }
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)));
  return f32x4.extract_lane(s0, 0);
}
