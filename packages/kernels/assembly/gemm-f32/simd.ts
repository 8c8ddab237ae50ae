import { multiplyRowsF32 } from './rows';

/** Bytes of `a` kept in the second-level cache while all panels of `b` pass over them. */
const BLOCK_BYTES: i32 = 131072;

/** Rows below which a pass over `b` would wait for memory. */
const LEAST_ROWS: i32 = 64;

/** As ./scalar.ts, bit for bit. Reads no byte past the rows of `a` and the panels of `b`. */
export function gemmF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  const rows = max(LEAST_ROWS, (BLOCK_BYTES / max(k << 2, 1)) & ~3);
  aStride <<= 2;
  cStride <<= 2;
  for (let row = 0; row < m; row += rows) {
    const from = a + row * aStride;
    multiplyRowsF32(min(rows, m - row), n, 1, k, from, aStride, 0, b, c + row * cStride, cStride, low, high);
  }
}
