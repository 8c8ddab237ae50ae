import { clampF32One } from '../gemm-f32/scalar';
import { Geometry, panelBytesF32 } from '../geometry';

/**
 * 2-D convolution of each channel with its own kernel: NHWC float32, bias, clamp.
 * inputChannels is outputChannels; `groups` is not read.
 *
 * Computes the output rows from firstRow to endRow. Order of the sum: bias, then kernel row, kernel column.
 * Padding is the number 0 and takes part.
 * w: packed by `packDepthwiseConvF32`. scratch: see ./simd.ts; unused here.
 */
export function depthwiseConvF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  const panelBytes = panelBytesF32(g.kernelHeight * g.kernelWidth);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const packed = w + (channel >> 3) * panelBytes + ((channel & 7) << 2);
        const sum = sumTaps(g, x, packed, row / g.outputHeight, row % g.outputHeight, ox, channel);
        const at = (row * g.outputWidth + ox) * g.outputChannels + channel;
        store<f32>(y + (at << 2), clampF32One(sum, low, high));
      }
    }
  }
}

function sumTaps(g: Geometry, x: usize, weight: usize, image: i32, oy: i32, ox: i32, channel: i32): f32 {
  let sum = load<f32>(weight);
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      const inside = iy >= 0 && iy < g.inputHeight && ix >= 0 && ix < g.inputWidth;
      const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
      const value: f32 = inside ? load<f32>(x + (at << 2)) : 0;
      weight += 32;
      sum += value * load<f32>(weight);
    }
  }
  return sum;
}
