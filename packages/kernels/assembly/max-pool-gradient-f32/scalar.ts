import { Geometry } from '../geometry';

/**
 * The gradient of max-pool-f32: dy of each output pixel goes to the first tap of its window, in the order of rows and
 * columns, that holds the largest value; to none where that is NaN. x, dx: the input and its gradient, y, dy: those of
 * the output; all NHWC.
 *
 * Whole images: firstRow and endRow are multiples of outputHeight, and all of dx of their images is written.
 */
export function maxPoolGradientF32(geometry: usize, x: usize, y: usize, dy: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.firstRow % g.outputHeight == 0 && g.endRow % g.outputHeight == 0);
  const imageFloats = g.inputHeight * g.inputWidth * g.inputChannels;
  for (let image = g.firstRow / g.outputHeight; image < g.endRow / g.outputHeight; image++) {
    for (let i = 0; i < imageFloats; i++) store<f32>(dx + ((image * imageFloats + i) << 2), 0);
  }
  for (let line = g.firstRow; line < g.endRow; line++) {
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const to = ((line * g.outputWidth + ox) * g.outputChannels + channel) << 2;
        const at = firstEqual(g, x, line, ox, channel, load<f32>(y + to));
        if (at >= 0) store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy + to));
      }
    }
  }
}

/** Byte offset of the tap that holds `value`; -1 where none does. */
function firstEqual(g: Geometry, x: usize, line: i32, ox: i32, channel: i32, value: f32): i32 {
  const image = line / g.outputHeight;
  const top = line % g.outputHeight * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = top + ky * g.dilationHeight;
    if (iy < 0 || iy >= g.inputHeight) continue;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = left + kx * g.dilationWidth;
      if (ix < 0 || ix >= g.inputWidth) continue;
      const at = (((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel) << 2;
      if (load<f32>(x + at) == value) return at;
    }
  }
  return -1;
}
