import { endTap, firstTap, Geometry } from '../geometry';
import { storeF32Pair } from '../lanes';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 28 bytes past the image. */
export function maxPoolF32(geometry: usize, x: usize, y: usize): void {
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
      pixel(from, rows, columns, rowStep, columnStep, channels, y);
      y += pixelBytes;
    }
  }
}

/** One output pixel, 8 channels at a time. */
function pixel(
  x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize,
): void {
  for (let channel = 0; channel < channels; channel += 8) {
    let m0 = f32x4.splat(-Infinity);
    let m1 = m0;
    // All ones, which is a NaN, where a value was NaN: cheaper than f32x4.max, which takes care of NaN each time.
    let nan0 = i32x4.splat(0);
    let nan1 = nan0;
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        const v0 = v128.load(from);
        const v1 = v128.load(from, 16);
        m0 = f32x4.pmax(m0, v0);
        m1 = f32x4.pmax(m1, v1);
        nan0 = v128.or(nan0, f32x4.ne(v0, v0));
        nan1 = v128.or(nan1, f32x4.ne(v1, v1));
        from += columnStep;
      }
    }
    storeF32Pair(y, v128.or(m0, nan0), v128.or(m1, nan1), channels - channel);
    x += 32;
    y += 32;
  }
}
