import { clampF32One } from '../gemm-f32/scalar';

/**
 * As `sparseGemmF32`, bit for bit, row after row: faster where there are less than four rows.
 *
 * a: [m, k], rows `aStride` floats apart; finite: a column of four that keeps fewer weights than the longest is
 * filled up with products of 0 and the first element. b: packed by `packSparseVectorF32`: for every four columns,
 * whichever they are, an int32 count, the u32 4 * index of each and their float32 biases, then `count` times four
 * float32 weights and the u16 k of their rows. c: [m, n], rows `cStride` floats apart.
 */
export function sparseGemvF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && k <= 65536 && aStride >= 0 && cStride >= n);
  for (let group = 0; group < n; group += 4) {
    const end = b + 36 + load<i32>(b) * 24;
    for (let row = 0; row < m; row++) {
      const from = a + ((row * aStride) << 2);
      for (let lane = 0; lane < 4; lane++) {
        let sum = load<f32>(b + (lane << 2), 20);
        for (let step = b + 36; step < end; step += 24) {
          const i = <usize>load<u16>(step + (lane << 1), 16);
          assert(<i32>i < k);
          sum += load<f32>(from + (i << 2)) * load<f32>(step + (lane << 2));
        }
        const column = load<u32>(b + (lane << 2), 4);
        assert(<i32>column < n << 2);
        store<f32>(c + ((row * cStride) << 2) + column, clampF32One(sum, low, high));
      }
    }
    b = end;
  }
}
