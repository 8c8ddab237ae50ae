import { endTap, firstTap, Geometry } from '../geometry';
import { storeBytes } from '../lanes';
import { highBound, lowBound, narrow8, saturate4, zeroOffset } from '../requantize/simd';
import { averageDivisor } from '../window';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past the image. */
export function averagePoolI8(
  geometry: usize, x: usize, y: usize, includePad: i32, multiplier: f32, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const pixelBytes = channels;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
  const zeros = i16x8.splat(<i16>xZero);
  const factor = f32x4.splat(multiplier);
  const low = lowBound(yLow, yZero);
  const high = highBound(yHigh, yZero);
  const offset = zeroOffset(yZero);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      const top = oy * g.strideHeight - g.padTop;
      const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
      const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
      for (let ox = 0; ox < g.outputWidth; ox++) {
        const left = ox * g.strideWidth - g.padLeft;
        const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
        const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
        const from = x + (top * g.inputWidth + left) * pixelBytes + firstRow * rowStep + firstColumn * columnStep;
        const divisor = f32x4.splat(<f32>averageDivisor(g, oy, ox, includePad));
        pixel(from, rows, columns, rowStep, columnStep, channels, y, zeros, divisor, factor, low, high, offset);
        y += pixelBytes;
      }
    }
    x += g.inputHeight * g.inputWidth * pixelBytes;
  }
}

/** One output pixel, 8 channels at a time. */
function pixel(
  x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize,
  zeros: v128, divisor: v128, factor: v128, low: v128, high: v128, offset: v128,
): void {
  for (let channel = 0; channel < channels; channel += 8) {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        const values = i16x8.sub(v128.load8x8_s(from), zeros);
        s0 = i32x4.add(s0, i32x4.extend_low_i16x8_s(values));
        s1 = i32x4.add(s1, i32x4.extend_high_i16x8_s(values));
        from += columnStep;
      }
    }
    const low4 = f32x4.mul(f32x4.div(f32x4.convert_i32x4_s(s0), divisor), factor);
    const high4 = f32x4.mul(f32x4.div(f32x4.convert_i32x4_s(s1), divisor), factor);
    const result = narrow8(saturate4(low4, low, high, offset), saturate4(high4, low, high, offset));
    storeBytes(y, result, min(channels - channel, 8));
    x += 8;
    y += 8;
  }
}
