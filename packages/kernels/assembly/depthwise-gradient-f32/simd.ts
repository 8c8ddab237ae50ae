import { Geometry } from '../geometry';

/** As ./scalar.ts, bit for bit, four channels at a time. */
export function depthwiseInputGradientF32(geometry: usize, dy: usize, w: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  const pixelBytes = g.outputChannels << 2;
  const imageBytes = g.inputHeight * g.inputWidth * pixelBytes;
  const firstImage = g.firstRow / g.outputHeight;
  memory.fill(dx + firstImage * imageBytes, 0, (g.endRow / g.outputHeight - firstImage) * imageBytes);
  const taps = g.kernelHeight * g.kernelWidth;
  const step = g.strideWidth * pixelBytes;
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let tap = 0; tap < taps; tap++) {
      const kernelRow = tap / g.kernelWidth;
      const iy = row % g.outputHeight * g.strideHeight - g.padTop + kernelRow * g.dilationHeight;
      if (<u32>iy >= <u32>g.inputHeight) continue;
      const left = (tap - kernelRow * g.kernelWidth) * g.dilationWidth - g.padLeft;
      const first = firstColumn(left, g.strideWidth, g.outputWidth);
      const end = endColumn(left, g.strideWidth, g.outputWidth, g.inputWidth);
      let from = dy + (row * g.outputWidth + first) * pixelBytes;
      const line = (row / g.outputHeight * g.inputHeight + iy) * g.inputWidth;
      let to = dx + (line + first * g.strideWidth + left) * pixelBytes;
      const weights = w + tap * pixelBytes;
      for (let ox = first; ox < end; ox++) {
        addProducts(g.outputChannels, from, weights, to);
        from += pixelBytes;
        to += step;
      }
    }
  }
}

/** to += a * b */
function addProducts(n: i32, a: usize, b: usize, to: usize): void {
  for (; n >= 4; n -= 4) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(a), v128.load(b))));
    a += 16;
    b += 16;
    to += 16;
  }
  for (; n > 0; n--) {
    store<f32>(to, load<f32>(to) + load<f32>(a) * load<f32>(b));
    a += 4;
    b += 4;
    to += 4;
  }
}

/** As ./scalar.ts, bit for bit: sums of a row in registers, eight channels at a time. */
export function depthwiseWeightGradientF32(geometry: usize, images: i32, x: usize, dy: usize, dw: usize): void {
  const g = changetype<Geometry>(geometry);
  const pixelBytes = g.outputChannels << 2;
  const rowsOfPart = images * g.outputHeight;
  const taps = g.kernelHeight * g.kernelWidth;
  const step = g.strideWidth * pixelBytes;
  for (let start = g.firstRow; start < g.endRow; start += rowsOfPart) {
    const endRow = min(start + rowsOfPart, g.batch * g.outputHeight);
    const part = dw + start / rowsOfPart * taps * pixelBytes;
    memory.fill(part, 0, taps * pixelBytes);
    for (let row = start; row < endRow; row++) {
      for (let tap = 0; tap < taps; tap++) {
        const kernelRow = tap / g.kernelWidth;
        const iy = row % g.outputHeight * g.strideHeight - g.padTop + kernelRow * g.dilationHeight;
        if (<u32>iy >= <u32>g.inputHeight) continue;
        const left = (tap - kernelRow * g.kernelWidth) * g.dilationWidth - g.padLeft;
        const first = firstColumn(left, g.strideWidth, g.outputWidth);
        const pixels = endColumn(left, g.strideWidth, g.outputWidth, g.inputWidth) - first;
        const line = (row / g.outputHeight * g.inputHeight + iy) * g.inputWidth;
        const from = x + (line + first * g.strideWidth + left) * pixelBytes;
        const given = dy + (row * g.outputWidth + first) * pixelBytes;
        addRow(g.outputChannels, pixels, from, step, given, pixelBytes, part + tap * pixelBytes);
      }
    }
  }
}

/** to += the sum over pixels of x * dy, channel by channel. */
function addRow(n: i32, pixels: i32, x: usize, xStep: i32, dy: usize, dyStep: i32, to: usize): void {
  for (; n >= 8; n -= 8) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let i = 0; i < pixels; i++) {
      const a = x + i * xStep;
      const b = dy + i * dyStep;
      low = f32x4.add(low, f32x4.mul(v128.load(a), v128.load(b)));
      high = f32x4.add(high, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    }
    v128.store(to, f32x4.add(v128.load(to), low));
    v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
    x += 32;
    dy += 32;
    to += 32;
  }
  for (; n > 0; n--) {
    let sum: f32 = 0;
    for (let i = 0; i < pixels; i++) sum += load<f32>(x + i * xStep) * load<f32>(dy + i * dyStep);
    store<f32>(to, load<f32>(to) + sum);
    x += 4;
    dy += 4;
    to += 4;
  }
}

/** The first output column whose input column, `left` + stride * column, is not below 0. */
@inline
function firstColumn(left: i32, stride: i32, columns: i32): i32 {
  return left >= 0 ? 0 : min((stride - 1 - left) / stride, columns);
}

/** One past the last output column whose input column is below `size`; never before `firstColumn`. */
@inline
function endColumn(left: i32, stride: i32, columns: i32, size: i32): i32 {
  return max(min((size - left + stride - 1) / stride, columns), firstColumn(left, stride, columns));
}
