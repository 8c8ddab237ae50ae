import { storeBytes } from '../lanes';
import { highBound, lowBound, narrow8, saturate4, zeroOffset } from '../requantize/simd';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past a row. */
export function requantizeI8(
  rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32,
  xScale: f32, xZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const zeros = i16x8.splat(<i16>xZero);
  const xScales = f32x4.splat(xScale);
  const yScales = f32x4.splat(yScale);
  const low = lowBound(yLow, yZero);
  const high = highBound(yHigh, yZero);
  const offset = zeroOffset(yZero);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 8) {
      const values = i16x8.sub(v128.load8x8_s(x + column), zeros);
      const low4 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values)), xScales);
      const high4 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values)), xScales);
      const result = narrow8(
        saturate4(f32x4.div(low4, yScales), low, high, offset),
        saturate4(f32x4.div(high4, yScales), low, high, offset),
      );
      if (columns - column >= 8) v128.store64_lane(y + column, result, 0);
      else storeBytes(y + column, result, columns - column);
    }
    x += xStride;
    y += yStride;
  }
}
