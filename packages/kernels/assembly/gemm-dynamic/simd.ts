import { finish } from './scalar';

const COLUMNS: i32 = 4;

/** As ./scalar.ts, bit for bit. */
export function gemmDynamic(
  m: i32, n: i32, stride: i32, a: usize, b: usize, aScale: usize, bScale: usize, bias: usize, c: usize,
  cStride: i32, low: f32, high: f32,
): void {
  const bytes = <usize>stride << 1;
  for (let column = 0; column < n; column += COLUMNS) {
    const panel = b + column * stride;
    const columns = min(n - column, COLUMNS);
    let row = 0;
    for (; row <= m - 2; row += 2) {
      const a0 = a + ((row * stride) << 1);
      const a1 = a0 + (stride << 1);
      let s00 = i32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
      let w = panel;
      for (let i: usize = 0; i < bytes; i += 16) {
        const x0 = v128.load(a0 + i);
        const x1 = v128.load(a1 + i);
        const w0 = v128.load_ext<i8>(w);
        s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x0, w0));
        s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x1, w0));
        const w1 = v128.load_ext<i8>(w, 8);
        s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x0, w1));
        s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x1, w1));
        const w2 = v128.load_ext<i8>(w, 16);
        s02 = i32x4.add(s02, i32x4.dot_i16x8_s(x0, w2));
        s12 = i32x4.add(s12, i32x4.dot_i16x8_s(x1, w2));
        const w3 = v128.load_ext<i8>(w, 24);
        s03 = i32x4.add(s03, i32x4.dot_i16x8_s(x0, w3));
        s13 = i32x4.add(s13, i32x4.dot_i16x8_s(x1, w3));
        w += 32;
      }
      const to = c + ((row * cStride + column) << 2);
      put(to, columns, s00, s01, s02, s03, column, aScale, bScale, bias, low, high);
      put(to + (cStride << 2), columns, s10, s11, s12, s13, column, aScale, bScale, bias, low, high);
    }
    if (row < m) {
      const a0 = a + ((row * stride) << 1);
      let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let w = panel;
      for (let i: usize = 0; i < bytes; i += 16) {
        const x = v128.load(a0 + i);
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w)));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 8)));
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 16)));
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 24)));
        w += 32;
      }
      put(c + ((row * cStride + column) << 2), columns, s0, s1, s2, s3, column, aScale, bScale, bias, low, high);
    }
  }
}

function put(
  to: usize, columns: i32, s0: v128, s1: v128, s2: v128, s3: v128,
  column: i32, aScale: usize, bScale: usize, bias: usize, low: f32, high: f32,
): void {
  store<f32>(to, finish(addLanes(s0), column, aScale, bScale, bias, low, high));
  if (columns > 1) store<f32>(to, finish(addLanes(s1), column + 1, aScale, bScale, bias, low, high), 4);
  if (columns > 2) store<f32>(to, finish(addLanes(s2), column + 2, aScale, bScale, bias, low, high), 8);
  if (columns > 3) store<f32>(to, finish(addLanes(s3), column + 3, aScale, bScale, bias, low, high), 12);
}

@inline
function addLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}
