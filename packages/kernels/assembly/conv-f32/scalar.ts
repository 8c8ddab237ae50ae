import { clampF32One } from '../gemm-f32/scalar';
import { Geometry, panelBytesF32, panels } from '../geometry';
import { CONV_HEADER, PANELS, WINOGRAD } from './header';
import { winogradSum } from './winograd-scalar';

/**
 * 2-D convolution of NHWC float32 images with bias and clamp.
 *
 * The first word of w says how: PANELS, or WINOGRAD as in ./winograd-scalar.ts.
 * Order of the sum of PANELS: bias, then kernel row, kernel column, channel. Padding is the number 0 and takes part.
 * Computes the output rows from firstRow to endRow. w: packed by `packConvF32`. scratch: see ./simd.ts; unused here.
 */
export function convF32(
  geometry: usize,
  x: usize,
  w: usize,
  y: usize,
  low: f32,
  high: f32,
  scratch: usize,
  scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  const format = load<u32>(w);
  assert(format == PANELS || (format == WINOGRAD && isWinograd(g)));
  w += CONV_HEADER;
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const image = row / g.outputHeight;
        const oy = row % g.outputHeight;
        const sum = format == WINOGRAD
          ? winogradSum(g, x, w, image, oy, ox, channel)
          : sumF32(g, x, w, image, oy, ox, channel);
        const at = (row * g.outputWidth + ox) * g.outputChannels + channel;
        store<f32>(y + (at << 2), clampF32One(sum, low, high));
      }
    }
  }
}

function isWinograd(g: Geometry): bool {
  return g.kernelHeight == 3 && g.kernelWidth == 3 && g.strideHeight == 1 && g.strideWidth == 1
    && g.dilationHeight == 1 && g.dilationWidth == 1 && g.groups == 1;
}

function sumF32(g: Geometry, x: usize, w: usize, image: i32, oy: i32, ox: i32, channel: i32): f32 {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const group = channel / outputs;
  const column = channel % outputs;
  const panelBytes = panelBytesF32(g.kernelHeight * g.kernelWidth * channels);
  let weight = w + (group * panels(outputs) + (column >> 3)) * panelBytes + ((column & 7) << 2);
  let sum = load<f32>(weight);
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      const inside = iy >= 0 && iy < g.inputHeight && ix >= 0 && ix < g.inputWidth;
      const pixel = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + group * channels;
      for (let i = 0; i < channels; i++) {
        weight += 32;
        const value: f32 = inside ? load<f32>(x + ((pixel + i) << 2)) : 0;
        sum += value * load<f32>(weight);
      }
    }
  }
  return sum;
}
