import { endTap, firstTap, Geometry } from '../geometry';
import { storeBytes } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image. */
export function maxPoolI8(geometry: usize, x: usize, y: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const pixelBytes = channels;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
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
        pixel(from, rows, columns, rowStep, columnStep, channels, y);
        y += pixelBytes;
      }
    }
    x += g.inputHeight * g.inputWidth * pixelBytes;
  }
}

/** One output pixel, 16 channels at a time. */
function pixel(
  x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize,
): void {
  for (let channel = 0; channel < channels; channel += 16) {
    let largest = i8x16.splat(-128);
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        largest = i8x16.max_s(largest, v128.load(from));
        from += columnStep;
      }
    }
    storeBytes(y, largest, channels - channel);
    x += 16;
    y += 16;
  }
}
