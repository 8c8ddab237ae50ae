import { clampF32One } from '../gemm-f32/scalar';
import { Geometry, panelBytesF32, panels } from '../geometry';

/**
 * Transposed 2-D convolution of NHWC float32 images with bias and clamp: input pixel (iy, ix) adds to the output pixels
 * (iy * strideHeight - padTop + ky * dilationHeight, ...) what its channels times the weights of a tap make.
 *
 * An output starts at its bias. Inputs are added row by row, in a row from left to right, each as a sum over its
 * channels that starts at 0; every product and sum rounds to float32. Computes the output rows from firstRow to endRow.
 *
 * bias: outputChannels floats. w: packed by `packConvTransposeF32`. scratch: see ./simd.ts; unused here.
 */
export function convTransposeF32(
  geometry: usize, x: usize, w: usize, bias: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const sum = addInputs(g, x, w, load<f32>(bias + (channel << 2)), row, ox, channel);
        store<f32>(y + (((row * g.outputWidth + ox) * g.outputChannels + channel) << 2), clampF32One(sum, low, high));
      }
    }
  }
}

function addInputs(g: Geometry, x: usize, w: usize, sum: f32, row: i32, ox: i32, channel: i32): f32 {
  const image = row / g.outputHeight;
  for (let iy = 0; iy < g.inputHeight; iy++) {
    const ky = tapOf(row % g.outputHeight + g.padTop, iy * g.strideHeight, g.dilationHeight, g.kernelHeight);
    if (ky < 0) continue;
    for (let ix = 0; ix < g.inputWidth; ix++) {
      const kx = tapOf(ox + g.padLeft, ix * g.strideWidth, g.dilationWidth, g.kernelWidth);
      if (kx >= 0) sum += product(g, x, w, (image * g.inputHeight + iy) * g.inputWidth + ix, ky, kx, channel);
    }
  }
  return sum;
}

/** The tap by which an input at `from` reaches `to`; -1 where there is none. */
function tapOf(to: i32, from: i32, dilation: i32, taps: i32): i32 {
  const distance = to - from;
  if (distance < 0 || distance % dilation != 0) return -1;
  return distance / dilation < taps ? distance / dilation : -1;
}

function product(g: Geometry, x: usize, w: usize, pixel: i32, ky: i32, kx: i32, channel: i32): f32 {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const group = channel / outputs;
  const column = kx * outputs + channel % outputs;
  const panelBytes = panelBytesF32(channels);
  const matrix = w + (group * g.kernelHeight + ky) * panels(g.kernelWidth * outputs) * panelBytes;
  const weight = matrix + (column >> 3) * panelBytes + ((column & 7) << 2);
  let sum: f32 = load<f32>(weight);
  for (let i = 0; i < channels; i++) {
    sum += load<f32>(x + ((pixel * g.inputChannels + group * channels + i) << 2)) * load<f32>(weight + ((i + 1) << 5));
  }
  return sum;
}
