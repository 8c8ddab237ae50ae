import { Geometry, panelBytesF32, panels } from '../geometry';

/**
 * The gradient of a convolution's input: each output pixel's dy, times the weights, is added to the pixels under its
 * window, in the order of the output pixels. What falls on the padding is dropped.
 *
 * dy: [batch, outputHeight, outputWidth, outputChannels]. w: for each group a matrix packed as `packGemmF32` packs, of
 * outputChannels / groups rows and one column for each kernel row, kernel column and channel; no bias. dx: as the input.
 * Products are added in the order of the output channels, from 0.
 *
 * Whole images: firstRow and endRow are multiples of outputHeight, and all of dx of their images is written. scratch:
 * see ./simd.ts; unused here.
 */
export function convInputGradientF32(
  geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.firstRow % g.outputHeight == 0 && g.endRow % g.outputHeight == 0);
  const imageFloats = g.inputHeight * g.inputWidth * g.inputChannels;
  for (let image = g.firstRow / g.outputHeight; image < g.endRow / g.outputHeight; image++) {
    for (let i = 0; i < imageFloats; i++) store<f32>(dx + ((image * imageFloats + i) << 2), 0);
  }
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let ox = 0; ox < g.outputWidth; ox++) spread(g, row, ox, dy, w, dx);
  }
}

function spread(g: Geometry, row: i32, ox: i32, dy: usize, w: usize, dx: usize): void {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const columns = g.kernelHeight * g.kernelWidth * channels;
  const groupBytes = panels(columns) * panelBytesF32(outputs);
  const pixel = dy + (((row * g.outputWidth + ox) * g.outputChannels) << 2);
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = row % g.outputHeight * g.strideHeight - g.padTop + ky * g.dilationHeight;
    if (iy < 0 || iy >= g.inputHeight) continue;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      if (ix < 0 || ix >= g.inputWidth) continue;
      for (let channel = 0; channel < g.inputChannels; channel++) {
        const group = channel / channels;
        const column = (ky * g.kernelWidth + kx) * channels + channel % channels;
        const weights = w + group * groupBytes + (column >> 3) * panelBytesF32(outputs) + ((column & 7) << 2);
        let sum: f32 = 0;
        for (let i = 0; i < outputs; i++) {
          sum += load<f32>(pixel + ((group * outputs + i) << 2)) * load<f32>(weights + ((i + 1) << 5));
        }
        const image = row / g.outputHeight;
        const at = dx + ((((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel) << 2);
        store<f32>(at, load<f32>(at) + sum);
      }
    }
  }
}
