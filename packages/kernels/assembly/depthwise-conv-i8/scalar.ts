import { packedWeight } from '../gemm-i8/scalar';
import { Geometry, panelBytesI16 } from '../geometry';
import { requantize } from '../requantize/scalar';

/**
 * 2-D convolution of each channel with its own kernel: NHWC int8, requantized to int8.
 * inputChannels is outputChannels; `groups` is not read.
 *
 * sum = bias + sum of (x - xZero) * w in int32; padding has the value xZero.
 * w: packed by `packDepthwiseConvI8`. scratch: see ./simd.ts; unused here.
 */
export function depthwiseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  const panelBytes = panelBytesI16(g.kernelHeight * g.kernelWidth);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        for (let channel = 0; channel < g.outputChannels; channel++) {
          const lane = channel & 7;
          const panel = w + (channel >> 3) * panelBytes;
          const sum = load<i32>(panel + (lane << 2)) + sumTaps(g, x, panel, image, oy, ox, channel, xZero);
          const multiplier = load<f32>(panel + 32 + (lane << 2));
          const at = ((image * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels + channel;
          store<i8>(y + at, requantize(sum, multiplier, yZero, yLow, yHigh));
        }
      }
    }
  }
}

function sumTaps(g: Geometry, x: usize, panel: usize, image: i32, oy: i32, ox: i32, channel: i32, xZero: i32): i32 {
  let sum = 0;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    if (iy < 0 || iy >= g.inputHeight) continue;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      if (ix < 0 || ix >= g.inputWidth) continue;
      const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
      sum += (<i32>load<i8>(x + at) - xZero) * packedWeight(panel, ky * g.kernelWidth + kx, channel & 7);
    }
  }
  return sum;
}
