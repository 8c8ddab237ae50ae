/** Bytes of operands of one round. */
export const STEP: usize = 96;
/** Rounds until the operands begin again. */
export const STEPS: i32 = 64;

/**
 * The fastest this machine multiplies and adds in WebAssembly: a tile of two by four vectors from the first-level
 * cache, eight independent sums, no unrolling. Each operand is loaded just before its two products: all six first
 * takes more registers than there are, and gave 40 GMAC/s for 59 in Chromium 156, 42 for 47 in Node 20. Kernels are
 * compared with it; it is never shipped.
 *
 * Operands change from round to round: of the same ones Chromium 156 unrolls the loop and keeps the products, which
 * made 22 GMAC/s of float32 for the 16.6 that any tile reaches there.
 *
 * operands: 6 KiB of them. rounds: a multiple of 64; each does eight vectors of products.
 */
export function peakDot16(rounds: i32, operands: usize): i32 {
  let s0 = i32x4.splat(0);
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
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(a0, b0));
      s4 = i32x4.add(s4, i32x4.dot_i16x8_s(a1, b0));
      const b1 = v128.load(at, 48);
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(a0, b1));
      s5 = i32x4.add(s5, i32x4.dot_i16x8_s(a1, b1));
      const b2 = v128.load(at, 64);
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(a0, b2));
      s6 = i32x4.add(s6, i32x4.dot_i16x8_s(a1, b2));
      const b3 = v128.load(at, 80);
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(a0, b3));
      s7 = i32x4.add(s7, i32x4.dot_i16x8_s(a1, b3));
    }
  }
  s0 = i32x4.add(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)), i32x4.add(i32x4.add(s4, s5), i32x4.add(s6, s7)));
  return i32x4.extract_lane(s0, 0);
}

/** As peakDot16: multiply and add in float32. */
export function peakF32(rounds: i32, operands: usize): f32 {
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
      s0 = f32x4.add(s0, f32x4.mul(a0, b0));
      s4 = f32x4.add(s4, f32x4.mul(a1, b0));
      const b1 = v128.load(at, 48);
      s1 = f32x4.add(s1, f32x4.mul(a0, b1));
      s5 = f32x4.add(s5, f32x4.mul(a1, b1));
      const b2 = v128.load(at, 64);
      s2 = f32x4.add(s2, f32x4.mul(a0, b2));
      s6 = f32x4.add(s6, f32x4.mul(a1, b2));
      const b3 = v128.load(at, 80);
      s3 = f32x4.add(s3, f32x4.mul(a0, b3));
      s7 = f32x4.add(s7, f32x4.mul(a1, b3));
    }
  }
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)));
  return f32x4.extract_lane(s0, 0);
}
