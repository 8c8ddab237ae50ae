import { endTap, firstTap, Geometry } from '../geometry';
import { storeBytes } from '../lanes';
import { lowReal, magicOffset, narrow16, settle4 } from '../requantize/simd';
import { averageDivisor } from '../window';

/** The most int8 whose sum is sure to fit int16. */
const FITS: i32 = 256;

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image. */
export function averagePoolI8(
  geometry: usize, x: usize, y: usize, includePad: i32, multiplier: f32, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const columnStep = g.dilationWidth * channels;
  const rowStep = g.dilationHeight * g.inputWidth * channels;
  const imageBytes = g.inputHeight * g.inputWidth * channels;
  y += g.firstRow * g.outputWidth * channels;
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = x + line / g.outputHeight * imageBytes;
    const oy = line % g.outputHeight;
    const top = oy * g.strideHeight - g.padTop;
    const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
    const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
      const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
      const from = image + (top * g.inputWidth + left) * channels + firstRow * rowStep + firstColumn * columnStep;
      const divisor = <f32>averageDivisor(g, oy, ox, includePad);
      pixel(from, rows, columns, rowStep, columnStep, channels, y, xZero, divisor, multiplier, yZero, yLow, yHigh);
      y += channels;
    }
  }
}

/** One output pixel, 16 channels at a time. */
function pixel(
  x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize,
  xZero: i32, divisor: f32, multiplier: f32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const zeros = i32x4.splat(xZero * rows * columns);
  const divisors = f32x4.splat(divisor);
  const factor = f32x4.splat(multiplier);
  const low = lowReal(yLow, yZero);
  const offset = magicOffset(yZero);
  const most = i8x16.splat(<i8>yHigh);
  let channel = 0;
  do {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let low8 = s0;
    let high8 = s0;
    let fits = FITS;
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        low8 = i16x8.add(low8, v128.load8x8_s(from));
        high8 = i16x8.add(high8, v128.load8x8_s(from, 8));
        from += columnStep;
        if (--fits) continue;
        s0 = i32x4.add(s0, i32x4.extend_low_i16x8_s(low8));
        s1 = i32x4.add(s1, i32x4.extend_high_i16x8_s(low8));
        s2 = i32x4.add(s2, i32x4.extend_low_i16x8_s(high8));
        s3 = i32x4.add(s3, i32x4.extend_high_i16x8_s(high8));
        low8 = i64x2.splat(0);
        high8 = low8;
        fits = FITS;
      }
    }
    s0 = i32x4.sub(i32x4.add(s0, i32x4.extend_low_i16x8_s(low8)), zeros);
    s1 = i32x4.sub(i32x4.add(s1, i32x4.extend_high_i16x8_s(low8)), zeros);
    s2 = i32x4.sub(i32x4.add(s2, i32x4.extend_low_i16x8_s(high8)), zeros);
    s3 = i32x4.sub(i32x4.add(s3, i32x4.extend_high_i16x8_s(high8)), zeros);
    const result = narrow16(
      mean(s0, divisors, factor, low, offset), mean(s1, divisors, factor, low, offset),
      mean(s2, divisors, factor, low, offset), mean(s3, divisors, factor, low, offset),
      most,
    );
    if (channels - channel >= 16) v128.store(y, result);
    else storeBytes(y, result, channels - channel);
    x += 16;
    y += 16;
    channel += 16;
  } while (channel < channels);
}

@inline
function mean(sum: v128, divisor: v128, factor: v128, low: v128, offset: v128): v128 {
  return settle4(f32x4.mul(f32x4.div(f32x4.convert_i32x4_s(sum), divisor), factor), low, offset);
}
