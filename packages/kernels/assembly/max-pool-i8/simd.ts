import { endTap, firstTap, Geometry } from '../geometry';
import { storeBytes } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image. */
export function maxPoolI8(geometry: usize, x: usize, y: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const columnStep = g.dilationWidth * channels;
  const rowStep = g.dilationHeight * g.inputWidth * channels;
  const imageBytes = g.inputHeight * g.inputWidth * channels;
  y += g.firstRow * g.outputWidth * channels;
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = x + line / g.outputHeight * imageBytes;
    const top = line % g.outputHeight * g.strideHeight - g.padTop;
    const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
    const rows = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight) - firstRow;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const firstColumn = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
      const columns = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth) - firstColumn;
      const from = image + (top * g.inputWidth + left) * channels + firstRow * rowStep + firstColumn * columnStep;
      if (columns == 3) pixel3(from, rows, rowStep, columnStep, channels, y);
      else if (columns == 2) pixel2(from, rows, rowStep, columnStep, channels, y);
      else pixel(from, rows, columns, rowStep, columnStep, channels, y);
      y += channels;
    }
  }
}

/** One output pixel, 16 channels at a time. */
function pixel(x: usize, rows: i32, columns: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize): void {
  for (let channel = 0; channel < channels; channel += 16) {
    let largest = i8x16.splat(-128);
    for (let row = 0; row < rows; row++) {
      let from = x + row * rowStep;
      for (let column = 0; column < columns; column++) {
        largest = i8x16.max_s(largest, v128.load(from));
        from += columnStep;
      }
    }
    store16(y, largest, channels - channel);
    x += 16;
    y += 16;
  }
}

/** As `pixel`, two columns: a loop over them would cost as much as what it does. */
function pixel2(x: usize, rows: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize): void {
  for (let channel = 0; channel < channels; channel += 16) {
    let largest = i8x16.splat(-128);
    let from = x;
    for (let row = 0; row < rows; row++) {
      largest = i8x16.max_s(largest, i8x16.max_s(v128.load(from), v128.load(from + columnStep)));
      from += rowStep;
    }
    store16(y, largest, channels - channel);
    x += 16;
    y += 16;
  }
}

/** As `pixel`, three columns. */
function pixel3(x: usize, rows: i32, rowStep: i32, columnStep: i32, channels: i32, y: usize): void {
  for (let channel = 0; channel < channels; channel += 16) {
    let largest = i8x16.splat(-128);
    let from = x;
    for (let row = 0; row < rows; row++) {
      const second = from + columnStep;
      largest = i8x16.max_s(
        i8x16.max_s(largest, v128.load(from)),
        i8x16.max_s(v128.load(second), v128.load(second + columnStep)),
      );
      from += rowStep;
    }
    store16(y, largest, channels - channel);
    x += 16;
    y += 16;
  }
}

@inline
function store16(y: usize, bytes: v128, count: i32): void {
  if (count >= 16) v128.store(y, bytes);
  else storeBytes(y, bytes, count);
}
