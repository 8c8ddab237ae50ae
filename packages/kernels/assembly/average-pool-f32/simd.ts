import { endTap, firstTap, Geometry } from '../geometry';
import { storeF32Pair } from '../lanes';
import { averageDivisor } from '../window';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 28 bytes past the image. */
export function averagePoolF32(geometry: usize, x: usize, y: usize, includePad: i32): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const pixelBytes = channels << 2;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
  y += g.firstRow * g.outputWidth * pixelBytes;
  for (let line = g.firstRow; line < g.endRow; line++) {
    const oy = line % g.outputHeight;
    const image = x + line / g.outputHeight * g.inputHeight * g.inputWidth * pixelBytes;
    const top = oy * g.strideHeight - g.padTop;
    const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
    const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
      const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
      const from = image + (top * g.inputWidth + left) * pixelBytes + firstRow * rowStep + firstColumn * columnStep;
      const divisor = f32x4.splat(<f32>averageDivisor(g, oy, ox, includePad));
      pixel(from, rows, columns, rowStep, columnStep, channels, y, divisor);
      y += pixelBytes;
    }
  }
}

/** One output pixel, 8 channels at a time. */
function pixel(
  x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize, divisor: v128,
): void {
  for (let channel = 0; channel < channels; channel += 8) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        from += columnStep;
      }
    }
    storeF32Pair(y, f32x4.div(s0, divisor), f32x4.div(s1, divisor), channels - channel);
    x += 32;
    y += 32;
  }
}
