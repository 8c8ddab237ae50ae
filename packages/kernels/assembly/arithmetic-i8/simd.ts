import { storeBytes } from '../lanes';
import { highBound, lowBound, narrow8, saturate4, zeroOffset } from '../requantize/simd';

/* As ./scalar.ts, bit for bit. Reads up to 7 bytes past a and b. */

const ADD: i32 = 0;
const MUL: i32 = 1;

@inline
function operate(operator: i32, a: v128, b: v128): v128 {
  return operator == ADD ? f32x4.add(a, b) : f32x4.mul(a, b);
}

/** The four low int16 as real numbers. */
@inline
function dequantizeLow(values: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values)), scale);
}

/** The four high int16 as real numbers. */
@inline
function dequantizeHigh(values: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values)), scale);
}

@inline
function arithmetic(
  operator: i32,
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: f32, aZero: i32, bScale: f32, bZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const low = lowBound(yLow, yZero);
  const high = highBound(yHigh, yZero);
  const offset = zeroOffset(yZero);
  const aScales = f32x4.splat(aScale);
  const bScales = f32x4.splat(bScale);
  const yScales = f32x4.splat(yScale);
  const aZeros = i16x8.splat(<i16>aZero);
  const bZeros = i16x8.splat(<i16>bZero);
  for (let row = 0; row < rows; row++) {
    const right = b + row * bRowStride;
    let others = i16x8.sub(i16x8.splat(<i16>load<i8>(right)), bZeros);
    for (let column = 0; column < columns; column += 8) {
      if (bColumnStride) others = i16x8.sub(v128.load8x8_s(right + column), bZeros);
      const values = i16x8.sub(v128.load8x8_s(a + column), aZeros);
      const low4 = operate(operator, dequantizeLow(values, aScales), dequantizeLow(others, bScales));
      const high4 = operate(operator, dequantizeHigh(values, aScales), dequantizeHigh(others, bScales));
      const result = narrow8(
        saturate4(f32x4.div(low4, yScales), low, high, offset),
        saturate4(f32x4.div(high4, yScales), low, high, offset),
      );
      if (columns - column >= 8) v128.store64_lane(y + column, result, 0);
      else storeBytes(y + column, result, columns - column);
    }
    a += columns;
    y += columns;
  }
}

export function addI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: f32, aZero: i32, bScale: f32, bZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  arithmetic(
    ADD, rows, columns, a, b, bRowStride, bColumnStride, y,
    aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh,
  );
}

export function mulI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: f32, aZero: i32, bScale: f32, bZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  arithmetic(
    MUL, rows, columns, a, b, bRowStride, bColumnStride, y,
    aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh,
  );
}
