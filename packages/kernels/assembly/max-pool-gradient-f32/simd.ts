import { endTap, firstTap, Geometry } from '../geometry';

/** As ./scalar.ts, bit for bit, four channels at a time. Reads up to 12 bytes past x, y and dy. */
export function maxPoolGradientF32(geometry: usize, x: usize, y: usize, dy: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  const pixelBytes = g.outputChannels << 2;
  const imageBytes = g.inputHeight * g.inputWidth * pixelBytes;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
  const firstImage = g.firstRow / g.outputHeight;
  memory.fill(dx + firstImage * imageBytes, 0, (g.endRow / g.outputHeight - firstImage) * imageBytes);
  let at = g.firstRow * g.outputWidth * pixelBytes;
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = line / g.outputHeight * imageBytes;
    const top = line % g.outputHeight * g.strideHeight - g.padTop;
    const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
    const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
      const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
      const from = image + (top * g.inputWidth + left) * pixelBytes + firstRow * rowStep + firstColumn * columnStep;
      pixel(x + from, dx + from, rows, columns, rowStep, columnStep, g.outputChannels, y + at, dy + at);
      at += pixelBytes;
    }
  }
}

function pixel(
  x: usize, dx: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize, dy: usize,
): void {
  let channel = 0;
  for (; channel <= channels - 4; channel += 4) {
    const value = v128.load(y);
    const gradient = v128.load(dy);
    let wanted = i32x4.splat(-1);
    for (let row = 0; row < rows; row++) {
      let at = row * rowStep;
      for (let column = 0; column < columns; column++) {
        const found = v128.and(f32x4.eq(v128.load(x + at), value), wanted);
        v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(gradient, found)));
        wanted = v128.andnot(wanted, found);
        at += columnStep;
      }
    }
    x += 16;
    dx += 16;
    y += 16;
    dy += 16;
  }
  for (; channel < channels; channel++) {
    one(x, dx, rows, columns, rowStep, columnStep, load<f32>(y), load<f32>(dy));
    x += 4;
    dx += 4;
    y += 4;
    dy += 4;
  }
}

function one(
  x: usize, dx: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, value: f32, gradient: f32,
): void {
  for (let row = 0; row < rows; row++) {
    let at = row * rowStep;
    for (let column = 0; column < columns; column++) {
      if (load<f32>(x + at) == value) {
        store<f32>(dx + at, load<f32>(dx + at) + gradient);
        return;
      }
      at += columnStep;
    }
  }
}
