import { storeBytes } from '../lanes';
import { Scale } from '../requantize/scale';
import { narrowCodes, scaled4 } from '../requantize/scale-simd';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past x. */
export function meanFixedI8(
  outer: i32, length: i32, inner: i32, x: usize, y: usize,
  scale: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const zeros = i16x8.splat(<i16>xZero);
  const zero = i32x4.splat(yZero);
  const low = i8x16.splat(<i8>yLow);
  const high = i8x16.splat(<i8>yHigh);
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column += 8) {
      let s0 = i32x4.splat(0);
      let s1 = s0;
      let from = x + column;
      for (let i = 0; i < length; i++) {
        const values = i16x8.sub(v128.load8x8_s(from), zeros);
        s0 = i32x4.add(s0, i32x4.extend_low_i16x8_s(values));
        s1 = i32x4.add(s1, i32x4.extend_high_i16x8_s(values));
        from += inner;
      }
      const first = scaled4(s0, changetype<Scale>(scale));
      const second = scaled4(s1, changetype<Scale>(scale));
      storeBytes(y + column, narrowCodes(first, second, zero, low, high), min(inner - column, 8));
    }
    x += length * inner;
    y += inner;
  }
}
