import { Geometry } from '../geometry';
import { averageDivisor } from '../window';

/**
 * The gradient of average-pool-f32: dy of each output pixel, divided as the mean was, is added to each tap of its window
 * that is on the image. dx: the gradient of the input, dy: that of the output, NHWC.
 *
 * Whole images: firstRow and endRow are multiples of outputHeight, and all of dx of their images is written.
 */
export function averagePoolGradientF32(geometry: usize, dy: usize, dx: usize, includePad: i32): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.firstRow % g.outputHeight == 0 && g.endRow % g.outputHeight == 0);
  const imageFloats = g.inputHeight * g.inputWidth * g.inputChannels;
  for (let image = g.firstRow / g.outputHeight; image < g.endRow / g.outputHeight; image++) {
    for (let i = 0; i < imageFloats; i++) store<f32>(dx + ((image * imageFloats + i) << 2), 0);
  }
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = line / g.outputHeight;
    const oy = line % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      const divisor = <f32>averageDivisor(g, oy, ox, includePad);
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const share = load<f32>(dy + (((line * g.outputWidth + ox) * g.outputChannels + channel) << 2)) / divisor;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inputHeight) continue;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inputWidth) continue;
            const at = dx + ((((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel) << 2);
            store<f32>(at, load<f32>(at) + share);
          }
        }
      }
    }
  }
}
