import { clampF32One } from '../gemm-f32/scalar';

/** Bytes between the places of two k in the SIMD form's scratch: 28 rows of float32. */
export const PANEL_BYTES: i32 = 112;

/**
 * c = clamp(a * b + bias, low, high) in float32, where most of b is zero.
 *
 * Each element starts at its bias; its products with the weights that are not zero are added in order of k, every
 * product and every sum rounded to float32. Adding the zeros too, as `gemmF32` does, gives the same bits where `a`
 * is finite (0 times an infinity is NaN) and the bias is not -0.
 *
 * a: [m, k], rows `aStride` floats apart. b: packed by `packSparseF32`: for each column an int32 count and a
 * float32 bias, then `count` times a float32 weight and the u32 112 * k of its row. c: [m, n], rows `cStride`
 * floats apart. scratch: `sparseGemmF32ScratchBytes(k)` bytes for the SIMD form; this one needs none.
 */
export function sparseGemmF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
  scratch: usize,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && aStride >= 0 && cStride >= n);
  for (let column = 0; column < n; column++) {
    const end = b + 8 + (load<i32>(b) << 3);
    for (let row = 0; row < m; row++) {
      let sum = load<f32>(b, 4);
      for (let entry = b + 8; entry < end; entry += 8) {
        const i = <i32>load<u32>(entry, 4) / PANEL_BYTES;
        assert(i < k);
        sum += load<f32>(a + ((row * aStride + i) << 2)) * load<f32>(entry);
      }
      store<f32>(c + ((row * cStride + column) << 2), clampF32One(sum, low, high));
    }
    b = end;
  }
}
