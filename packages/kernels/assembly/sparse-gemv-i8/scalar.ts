import { requantize } from '../requantize/scalar';

/**
 * As `sparseGemmI8`, bit for bit, row after row: faster where there are less than four rows.
 *
 * a: int8 [m, k], rows `aStride` bytes apart. b: packed by `packSparseVectorI8`: for every eight columns an int32
 * count of steps and four bytes of nothing, eight int32 biases, eight int32 sums of weights (what the zero point
 * is multiplied by) and eight float32 multipliers, the u16 k at which the window of each step begins, filled up to
 * four bytes, and then `count` times 16 places within the window of 16 and 16 int8 weights, two a column.
 * c: int8 [m, n], rows `cStride` bytes apart.
 */
export function sparseGemvI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && k <= 65536 && cStride >= n);
  assert(cLow >= -128 && cLow <= cHigh && cHigh <= 127);
  for (let column = 0; column < n; column += 8) {
    const count = load<i32>(b);
    const windows = b + 104;
    const steps = windows + (((count + 1) & ~1) << 1);
    for (let row = 0; row < m; row++) {
      for (let lane = 0; lane < min(n - column, 8); lane++) {
        const header = b + (lane << 2);
        let sum = load<i32>(header, 8) - aZero * load<i32>(header, 40);
        for (let i = 0; i < count; i++) {
          const from = a + row * aStride + load<u16>(windows + (i << 1));
          const step = steps + (i << 5) + (lane << 1);
          sum += <i32>load<i8>(from + load<u8>(step)) * <i32>load<i8>(step, 16);
          sum += <i32>load<i8>(from + load<u8>(step, 1)) * <i32>load<i8>(step, 17);
        }
        const result = requantize(sum, load<f32>(header, 72), cZero, cLow, cHigh);
        store<i8>(c + row * cStride + column + lane, result);
      }
    }
    b = steps + (count << 5);
  }
}
