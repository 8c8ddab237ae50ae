import { codeOrigin, codesHigh, codesLow, loadWords } from '../codes';
import { storeBytes } from '../lanes';
import { lowReal, magicOffset, narrow16, settle4 } from '../requantize/simd';

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past a row. */
export function requantizeI8(
  rows: i32, columns: i32, x: usize, xStride: i32, y: usize, yStride: i32,
  xScale: f32, xZero: i32, yScale: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  if (columns <= 0) return;
  if (xStride == columns && yStride == columns) {
    columns *= rows;
    rows = 1;
  }
  const xScales = f32x4.splat(xScale);
  const yScales = f32x4.splat(yScale);
  const origin = codeOrigin(xZero);
  const low = lowReal(yLow, yZero);
  const most = i8x16.splat(<i8>yHigh);
  const offset = magicOffset(yZero);
  for (let row = 0; row < rows; row++) {
    let column = 0;
    do {
      const w0 = loadWords(x + column);
      const w1 = loadWords(x + column + 8);
      const result = narrow16(
        settle4(f32x4.div(f32x4.mul(codesLow(w0, origin), xScales), yScales), low, offset),
        settle4(f32x4.div(f32x4.mul(codesHigh(w0, origin), xScales), yScales), low, offset),
        settle4(f32x4.div(f32x4.mul(codesLow(w1, origin), xScales), yScales), low, offset),
        settle4(f32x4.div(f32x4.mul(codesHigh(w1, origin), xScales), yScales), low, offset),
        most,
      );
      if (columns - column >= 16) v128.store(y + column, result);
      else storeBytes(y + column, result, columns - column);
      column += 16;
    } while (column < columns);
    x += xStride;
    y += yStride;
  }
}
