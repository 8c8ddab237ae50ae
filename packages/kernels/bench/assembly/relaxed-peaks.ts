export { peakDot16, peakF32 } from './peaks';

/** As peakDot16: 16 products of bytes a vector. */
export function peakRelaxedDot(rounds: i32, at: usize): i32 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let i: i32 = 0; i < rounds; i++) {
    const a0 = v128.load(at);
    const a1 = v128.load(at, 16);
    const b0 = v128.load(at, 32);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a0, b0, s0);
    s4 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a1, b0, s4);
    const b1 = v128.load(at, 48);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a0, b1, s1);
    s5 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a1, b1, s5);
    const b2 = v128.load(at, 64);
    s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a0, b2, s2);
    s6 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a1, b2, s6);
    const b3 = v128.load(at, 80);
    s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a0, b3, s3);
    s7 = i32x4.relaxed_dot_i8x16_i7x16_add_s(a1, b3, s7);
  }
  s0 = i32x4.add(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)), i32x4.add(i32x4.add(s4, s5), i32x4.add(s6, s7)));
  return i32x4.extract_lane(s0, 0);
}

/** As peakF32, multiplied and added in one. */
export function peakRelaxedMadd(rounds: i32, at: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let i: i32 = 0; i < rounds; i++) {
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
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)));
  return f32x4.extract_lane(s0, 0);
}
