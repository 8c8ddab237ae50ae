import { panelBytesF32 } from '../geometry';

/** Clamp that keeps NaN, and the sign of a zero that equals a bound. */
@inline
export function clampF32One(value: f32, low: f32, high: f32): f32 {
  const above = value < low ? low : value;
  return high < above ? high : above;
}

/**
 * c = clamp(a * b + bias, low, high) in float32.
 *
 * Each element starts at its bias; the products are added in order of k, every product and every sum
 * rounded to float32: one result on every machine.
 *
 * a: [m, k], rows `aStride` floats apart. b: packed by `packGemmF32`, the bias inside.
 * c: [m, n], rows `cStride` floats apart. NaN stays NaN.
 */
export function gemmF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && aStride >= 0 && cStride >= n);
  const panelBytes = panelBytesF32(k);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const packed = b + (column >> 3) * panelBytes + ((column & 7) << 2);
      let sum = load<f32>(packed);
      for (let i = 0; i < k; i++) {
        sum += load<f32>(a + ((row * aStride + i) << 2)) * load<f32>(packed + ((i + 1) << 5));
      }
      store<f32>(c + ((row * cStride + column) << 2), clampF32One(sum, low, high));
    }
  }
}
