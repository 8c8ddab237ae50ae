import { packedWeight } from '../gemm-i8/scalar';
import { Geometry, panelBytesI16, panels } from '../geometry';
import { requantize } from '../requantize/scalar';

/**
 * 2-D convolution of NHWC int8 images, requantized to int8.
 *
 * sum = bias + sum of (x - xZero) * w in int32; padding has the value xZero, so it adds nothing.
 * w: packed by `packConvI8`. Bounds of the sum as in gemm-i8. scratch: see ./simd.ts; unused here.
 */
export function convI8(
  geometry: usize,
  x: usize,
  w: usize,
  y: usize,
  xZero: i32,
  yZero: i32,
  yLow: i32,
  yHigh: i32,
  scratch: usize,
  scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const panelBytes = panelBytesI16(g.kernelHeight * g.kernelWidth * channels);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        for (let channel = 0; channel < g.outputChannels; channel++) {
          const group = channel / outputs;
          const column = channel % outputs;
          const panel = w + (group * panels(outputs) + (column >> 3)) * panelBytes;
          const lane = column & 7;
          const sum =
            load<i32>(panel + (lane << 2)) +
            sumI8(g, x, panel, lane, image, oy, ox, group * channels, channels, xZero);
          const multiplier = load<f32>(panel + 32 + (lane << 2));
          const at = ((image * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels + channel;
          store<i8>(y + at, requantize(sum, multiplier, yZero, yLow, yHigh));
        }
      }
    }
  }
}

function sumI8(
  g: Geometry,
  x: usize,
  panel: usize,
  lane: i32,
  image: i32,
  oy: i32,
  ox: i32,
  first: i32,
  channels: i32,
  xZero: i32,
): i32 {
  let sum = 0;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    if (iy < 0 || iy >= g.inputHeight) continue;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      if (ix < 0 || ix >= g.inputWidth) continue;
      const pixel = x + ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + first;
      const row = (ky * g.kernelWidth + kx) * channels;
      for (let i = 0; i < channels; i++) {
        sum += (<i32>load<i8>(pixel + i) - xZero) * packedWeight(panel, row + i, lane);
      }
    }
  }
  return sum;
}
