import { storeBytes } from '../lanes';
import { Scale } from '../requantize/scale';
import { narrowCodes, scaled4 } from '../requantize/scale-simd';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past a row. */
export function requantizeFixedI8(
  rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32,
  scale: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const factor = changetype<Scale>(scale);
  const zeros = i16x8.splat(<i16>xZero);
  const zero = i32x4.splat(yZero);
  const low = i8x16.splat(<i8>yLow);
  const high = i8x16.splat(<i8>yHigh);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 8) {
      const words = i16x8.sub(v128.load8x8_s(x + column), zeros);
      const first = scaled4(i32x4.extend_low_i16x8_s(words), factor);
      const second = scaled4(i32x4.extend_high_i16x8_s(words), factor);
      storeBytes(y + column, narrowCodes(first, second, zero, low, high), min(columns - column, 8));
    }
    x += xStride;
    y += yStride;
  }
}
