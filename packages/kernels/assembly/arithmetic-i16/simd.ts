import { Scale } from '../requantize/scale';
import { scaled4 } from '../requantize/scale-simd';
import { storeWords } from '../requantize/sum-i16-simd';
import { ADD_SHIFT } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 14 bytes past a and b. */
export function addI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(false, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

/** As ./scalar.ts, bit for bit. Reads up to 14 bytes past a and b. */
export function subI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  sum(true, rows, columns, a, b, bRowStride, bColumnStride, y, aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh);
}

@inline
function sum(
  isDifference: bool, rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const left = changetype<Scale>(aScale);
  const right = changetype<Scale>(bScale);
  const result = changetype<Scale>(yScale);
  const aOffset = i32x4.splat(aZero);
  const bOffset = i32x4.splat(bZero);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 8) {
      const x = v128.load(a + (column << 1));
      const other = operand(b, column, bColumnStride);
      const x0 = scaled4(shifted(i32x4.extend_low_i16x8_s(x), aOffset), left);
      const x1 = scaled4(shifted(i32x4.extend_high_i16x8_s(x), aOffset), left);
      const b0 = scaled4(shifted(i32x4.extend_low_i16x8_s(other), bOffset), right);
      const b1 = scaled4(shifted(i32x4.extend_high_i16x8_s(other), bOffset), right);
      const low4 = scaled4(isDifference ? i32x4.sub(x0, b0) : i32x4.add(x0, b0), result);
      const high4 = scaled4(isDifference ? i32x4.sub(x1, b1) : i32x4.add(x1, b1), result);
      storeWords(y + (column << 1), narrow(low4, high4, yZero, yLow, yHigh), min(columns - column, 8));
    }
    a += columns << 1;
    b += bRowStride << 1;
    y += columns << 1;
  }
}

@inline
function shifted(codes: v128, zero: v128): v128 {
  return i32x4.shl(i32x4.sub(codes, zero), ADD_SHIFT);
}

/** Eight codes of a row of b, or its one code. */
@inline
function operand(b: usize, column: i32, columnStride: i32): v128 {
  return columnStride ? v128.load(b + (column << 1)) : v128.load16_splat(b);
}

/** clamp(value + zero, low, high) of eight int32 of up to 2^30 in size. */
@inline
function narrow(low4: v128, high4: v128, zero: i32, low: i32, high: i32): v128 {
  const offset = i32x4.splat(zero);
  const words = i16x8.narrow_i32x4_s(i32x4.add(low4, offset), i32x4.add(high4, offset));
  return i16x8.min_s(i16x8.max_s(words, i16x8.splat(<i16>low)), i16x8.splat(<i16>high));
}

/** As ./scalar.ts, bit for bit. Reads up to 14 bytes past a and b. */
export function mulI16(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  scale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const by = changetype<Scale>(scale);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 8) {
      const x = v128.load(a + (column << 1));
      const other = operand(b, column, bColumnStride);
      const low4 = scaled4(i32x4.extmul_low_i16x8_s(x, other), by);
      const high4 = scaled4(i32x4.extmul_high_i16x8_s(x, other), by);
      storeWords(y + (column << 1), narrow(low4, high4, yZero, yLow, yHigh), min(columns - column, 8));
    }
    a += columns << 1;
    b += bRowStride << 1;
    y += columns << 1;
  }
}
