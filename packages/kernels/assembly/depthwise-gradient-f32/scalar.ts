import { Geometry } from '../geometry';

/*
 * Gradients of a convolution of each channel with its own kernel, over NHWC images in float32. inputChannels is
 * outputChannels; `groups` is not read. Weights and their gradients are [taps, channels], tap = ky * kernelWidth + kx. Taps
 * on padding take no part.
 */

/**
 * dx: each output pixel gives dy * w to the input under each tap. Order of the sums: output row, tap, output column.
 *
 * Whole images: firstRow and endRow are multiples of outputHeight, and all of dx of their images is written.
 */
export function depthwiseInputGradientF32(geometry: usize, dy: usize, w: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  assert(g.inputChannels == channels);
  assert(g.firstRow % g.outputHeight == 0 && g.endRow % g.outputHeight == 0);
  const imageFloats = g.inputHeight * g.inputWidth * channels;
  for (let image = g.firstRow / g.outputHeight; image < g.endRow / g.outputHeight; image++) {
    for (let i = 0; i < imageFloats; i++) store<f32>(dx + ((image * imageFloats + i) << 2), 0);
  }
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let tap = 0; tap < g.kernelHeight * g.kernelWidth; tap++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        const pixel = inputPixel(g, row, ox, tap);
        if (pixel < 0) continue;
        for (let channel = 0; channel < channels; channel++) {
          const at = dx + ((pixel * channels + channel) << 2);
          const given = load<f32>(dy + (((row * g.outputWidth + ox) * channels + channel) << 2));
          store<f32>(at, load<f32>(at) + given * load<f32>(w + ((tap * channels + channel) << 2)));
        }
      }
    }
  }
}

/**
 * dw in parts: part p is that of the images from p * images on, `images` of them, and fewer in the last part. Each element
 * is a sum over output rows of sums over the pixels of a row; both start at 0.
 *
 * Computes the parts whose images are in firstRow ... endRow, whole parts.
 */
export function depthwiseWeightGradientF32(geometry: usize, images: i32, x: usize, dy: usize, dw: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const rowsOfPart = images * g.outputHeight;
  assert(g.inputChannels == channels && images > 0 && g.firstRow % rowsOfPart == 0);
  const taps = g.kernelHeight * g.kernelWidth;
  for (let first = g.firstRow; first < g.endRow; first += rowsOfPart) {
    const end = min(first + rowsOfPart, g.batch * g.outputHeight);
    const part = dw + ((first / rowsOfPart * taps * channels) << 2);
    for (let tap = 0; tap < taps; tap++) {
      for (let channel = 0; channel < channels; channel++) {
        let total: f32 = 0;
        for (let row = first; row < end; row++) total += rowSum(g, x, dy, row, tap, channel);
        store<f32>(part + ((tap * channels + channel) << 2), total);
      }
    }
  }
}

function rowSum(g: Geometry, x: usize, dy: usize, row: i32, tap: i32, channel: i32): f32 {
  let sum: f32 = 0;
  for (let ox = 0; ox < g.outputWidth; ox++) {
    const pixel = inputPixel(g, row, ox, tap);
    if (pixel < 0) continue;
    const value = load<f32>(x + ((pixel * g.inputChannels + channel) << 2));
    sum += value * load<f32>(dy + (((row * g.outputWidth + ox) * g.inputChannels + channel) << 2));
  }
  return sum;
}

/** The input pixel under a tap, counted over all images; -1 on padding. */
function inputPixel(g: Geometry, row: i32, ox: i32, tap: i32): i32 {
  const iy = row % g.outputHeight * g.strideHeight - g.padTop + tap / g.kernelWidth * g.dilationHeight;
  const ix = ox * g.strideWidth - g.padLeft + tap % g.kernelWidth * g.dilationWidth;
  if (iy < 0 || iy >= g.inputHeight || ix < 0 || ix >= g.inputWidth) return -1;
  return (row / g.outputHeight * g.inputHeight + iy) * g.inputWidth + ix;
}
