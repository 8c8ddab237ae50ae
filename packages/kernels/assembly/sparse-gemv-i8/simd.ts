import { storeBytes } from '../lanes';
import { highReal, lowReal, magicOffset, narrow8, requantize4 } from '../requantize/simd';

/**
 * As ./scalar.ts, bit for bit. A byte shuffle picks the 16 values of a step out of 16 neighbours, so that nothing is
 * gathered value by value, which takes 2.5 times as long. Reads up to 15 bytes past a row of `a`.
 */
export function sparseGemvI8(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32,
  aZero: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  const low = lowReal(cLow, cZero);
  const high = highReal(cHigh, cZero);
  const offset = magicOffset(cZero);
  const zero = i32x4.splat(aZero);
  for (let row = 0; row < m; row++) {
    let header = b;
    for (let column = 0; column < n; column += 8) {
      const count = load<i32>(header);
      let sums0 = i32x4.sub(v128.load(header, 8), i32x4.mul(zero, v128.load(header, 40)));
      let sums1 = i32x4.sub(v128.load(header, 24), i32x4.mul(zero, v128.load(header, 56)));
      let window = header + 104;
      let step = window + (((count + 1) & ~1) << 1);
      for (const end = step + (count << 5); step < end; step += 32) {
        const x = i8x16.swizzle(v128.load(a + load<u16>(window)), v128.load(step));
        sums0 = dotAdd(sums0, i16x8.extend_low_i8x16_s(x), v128.load8x8_s(step, 16));
        sums1 = dotAdd(sums1, i16x8.extend_high_i8x16_s(x), v128.load8x8_s(step, 24));
        window += 2;
      }
      sums0 = requantize4(sums0, v128.load(header, 72), low, high, offset);
      sums1 = requantize4(sums1, v128.load(header, 88), low, high, offset);
      storeBytes(c + column, narrow8(sums0, sums1), min(n - column, 8));
      header = step;
    }
    a += aStride;
    c += cStride;
  }
}

@inline
function dotAdd(sums: v128, x: v128, weights: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(x, weights));
}
