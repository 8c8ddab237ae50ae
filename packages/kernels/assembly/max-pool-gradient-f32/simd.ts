import { endTap, firstTap, Geometry } from '../geometry';
import { storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit, four channels at a time. Reads up to 12 bytes past x, y and dy. */
export function maxPoolGradientF32(geometry: usize, x: usize, y: usize, dy: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  const pixelBytes = g.outputChannels << 2;
  const imageBytes = g.inputHeight * g.inputWidth * pixelBytes;
  const columnStep = g.dilationWidth * pixelBytes;
  const rowStep = g.dilationHeight * g.inputWidth * pixelBytes;
  const firstImage = g.firstRow / g.outputHeight;
  const tiled = hasTiles(g);
  if (!tiled) memory.fill(dx + firstImage * imageBytes, 0, (g.endRow / g.outputHeight - firstImage) * imageBytes);
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
      if (tiled) {
        tile(x + from, dx + from, rowStep, columnStep, g.outputChannels, y + at, dy + at);
      } else {
        pixel(x + from, dx + from, rows, columns, rowStep, columnStep, g.outputChannels, y + at, dy + at);
      }
      at += pixelBytes;
    }
  }
}

/** Whether windows are tiles of 2 x 2 that cover the image, as in most networks. */
function hasTiles(g: Geometry): bool {
  return g.kernelHeight == 2 && g.kernelWidth == 2 && g.strideHeight == 2 && g.strideWidth == 2
    && g.dilationHeight == 1 && g.dilationWidth == 1 && g.padTop == 0 && g.padLeft == 0
    && g.inputHeight == g.outputHeight * 2 && g.inputWidth == g.outputWidth * 2;
}

/** One tile: each of its taps is written once and never read. What counts is memory: 0.6 ms where `pixel` takes 0.9 (24 x 24 x 20, 64 images). */
function tile(x: usize, dx: usize, rowStep: i32, columnStep: i32, channels: i32, y: usize, dy: usize): void {
  for (let left = channels; left > 0; left -= 4) {
    const value = v128.load(y);
    const gradient = v128.load(dy);
    const is0 = f32x4.eq(v128.load(x), value);
    const is1 = f32x4.eq(v128.load(x + columnStep), value);
    const is2 = f32x4.eq(v128.load(x + rowStep), value);
    const is3 = f32x4.eq(v128.load(x + rowStep + columnStep), value);
    const before2 = v128.or(is0, is1);
    put(dx, gradient, is0, left);
    put(dx + columnStep, gradient, v128.andnot(is1, is0), left);
    put(dx + rowStep, gradient, v128.andnot(is2, before2), left);
    put(dx + rowStep + columnStep, gradient, v128.andnot(is3, v128.or(before2, is2)), left);
    x += 16;
    dx += 16;
    y += 16;
    dy += 16;
  }
}

/** 0 + gradient where it is wanted: the sum makes 0 of -0, as in `pixel`. */
@inline
function put(to: usize, gradient: v128, wanted: v128, count: i32): void {
  storeF32(to, f32x4.add(i32x4.splat(0), v128.and(gradient, wanted)), count);
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
