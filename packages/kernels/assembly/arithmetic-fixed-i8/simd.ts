import { storeBytes } from '../lanes';
import { Scale } from '../requantize/scale';
import { narrowCodes, scaled4 } from '../requantize/scale-simd';
import { ADD, ADD_SHIFT, SUB } from './scalar';

const MUL: i32 = 2;

/** Four codes less their zero points, of two operands, to four results. */
@inline
function operate(operator: i32, a: v128, aScale: Scale, b: v128, bScale: Scale, yScale: Scale): v128 {
  if (operator == MUL) return scaled4(i32x4.mul(a, b), yScale);
  const left = scaled4(i32x4.shl(a, ADD_SHIFT), aScale);
  const right = scaled4(i32x4.shl(b, ADD_SHIFT), bScale);
  return scaled4(operator == SUB ? i32x4.sub(left, right) : i32x4.add(left, right), yScale);
}

/** Eight results. `a` and `b`: eight int16 codes less their zero points. */
@inline
function operate8(
  operator: i32, a: v128, aScale: Scale, b: v128, bScale: Scale, yScale: Scale, yZero: v128, yLow: v128, yHigh: v128,
): v128 {
  return narrowCodes(
    operate(operator, i32x4.extend_low_i16x8_s(a), aScale, i32x4.extend_low_i16x8_s(b), bScale, yScale),
    operate(operator, i32x4.extend_high_i16x8_s(a), aScale, i32x4.extend_high_i16x8_s(b), bScale, yScale),
    yZero, yLow, yHigh,
  );
}

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past a and b. */
@inline
function arithmetic(
  operator: i32, rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  if (columns <= 0) return;
  // The same shape, or one value for all: one long row.
  if (bRowStride == columns * bColumnStride) {
    columns *= rows;
    rows = 1;
  }
  const aZeros = i16x8.splat(<i16>aZero);
  const bZeros = i16x8.splat(<i16>bZero);
  const zero = i32x4.splat(yZero);
  const low = i8x16.splat(<i8>yLow);
  const high = i8x16.splat(<i8>yHigh);
  for (let row = 0; row < rows; row++) {
    const right = b + row * bRowStride;
    let other = i16x8.splat(<i16>(<i32>load<i8>(right) - bZero));
    for (let column = 0; column < columns; column += 8) {
      if (bColumnStride) other = i16x8.sub(v128.load8x8_s(right + column), bZeros);
      const result = operate8(
        operator, i16x8.sub(v128.load8x8_s(a + column), aZeros), changetype<Scale>(aScale),
        other, changetype<Scale>(bScale), changetype<Scale>(yScale), zero, low, high,
      );
      storeBytes(y + column, result, min(columns - column, 8));
    }
    a += columns;
    y += columns;
  }
}

export function addFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  arithmetic(
    ADD, rows, columns, a, b, bRowStride, bColumnStride, y,
    aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh,
  );
}

export function subFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aScale: usize, aZero: i32, bScale: usize, bZero: i32, yScale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  arithmetic(
    SUB, rows, columns, a, b, bRowStride, bColumnStride, y,
    aScale, aZero, bScale, bZero, yScale, yZero, yLow, yHigh,
  );
}

export function mulFixedI8(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  aZero: i32, bZero: i32, scale: usize, yZero: i32, yLow: i32, yHigh: i32,
): void {
  arithmetic(
    MUL, rows, columns, a, b, bRowStride, bColumnStride, y, 0, aZero, 0, bZero, scale, yZero, yLow, yHigh,
  );
}
