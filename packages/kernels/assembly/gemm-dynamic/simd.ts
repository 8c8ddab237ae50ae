import { product } from './product';

/** As ./scalar.ts, bit for bit, weights in format DOT16_NARROW. Reads up to 15 bytes past a row of `a`. */
export function gemmDynamic(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, units: usize, unitStep: i32, b: usize, c: usize, cStride: i32,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  product<i16>(m, n, k, a, aStride, units, unitStep, b, c, cStride, low, high, way, format, scratch, scratchBytes);
}
