import { endTap, firstTap, Geometry } from '../geometry';
import { averageDivisor } from '../window';

/** As ./scalar.ts, bit for bit, four channels at a time. */
export function averagePoolGradientF32(geometry: usize, dy: usize, dx: usize, includePad: i32): void {
  const g = changetype<Geometry>(geometry);
  const pixelBytes = g.outputChannels << 2;
  const imageBytes = g.inputHeight * g.inputWidth * pixelBytes;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
  const firstImage = g.firstRow / g.outputHeight;
  memory.fill(dx + firstImage * imageBytes, 0, (g.endRow / g.outputHeight - firstImage) * imageBytes);
  dy += g.firstRow * g.outputWidth * pixelBytes;
  for (let line = g.firstRow; line < g.endRow; line++) {
    const oy = line % g.outputHeight;
    const image = dx + line / g.outputHeight * imageBytes;
    const top = oy * g.strideHeight - g.padTop;
    const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
    const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
      const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
      const to = image + (top * g.inputWidth + left) * pixelBytes + firstRow * rowStep + firstColumn * columnStep;
      const divisor = <f32>averageDivisor(g, oy, ox, includePad);
      pixel(dy, to, rows, columns, rowStep, columnStep, g.outputChannels, divisor);
      dy += pixelBytes;
    }
  }
}

function pixel(
  dy: usize, dx: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, divisor: f32,
): void {
  const divisors = f32x4.splat(divisor);
  let channel = 0;
  for (; channel <= channels - 4; channel += 4) {
    const share = f32x4.div(v128.load(dy + (channel << 2)), divisors);
    for (let row = 0; row < rows; row++) {
      let to = dx + (channel << 2) + row * rowStep;
      for (let column = 0; column < columns; column++) {
        v128.store(to, f32x4.add(v128.load(to), share));
        to += columnStep;
      }
    }
  }
  for (; channel < channels; channel++) {
    const share = load<f32>(dy + (channel << 2)) / divisor;
    for (let row = 0; row < rows; row++) {
      let to = dx + (channel << 2) + row * rowStep;
      for (let column = 0; column < columns; column++) {
        store<f32>(to, load<f32>(to) + share);
        to += columnStep;
      }
    }
  }
}
