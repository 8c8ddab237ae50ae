import { Geometry } from '../geometry';

/**
 * Largest value under each window, padding left out; NaN if one is NaN, the first zero of two unlike ones;
 * -Infinity where a window is all padding.
 */
export function maxPoolF32(geometry: usize, x: usize, y: usize): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = line / g.outputHeight;
    const oy = line % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        let largest: f32 = -Infinity;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inputHeight) continue;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inputWidth) continue;
            const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
            const value = load<f32>(x + (at << 2));
            if (largest < value || isNaN(value)) largest = value;
          }
        }
        const to = (line * g.outputWidth + ox) * g.outputChannels + channel;
        store<f32>(y + (to << 2), largest);
      }
    }
  }
}
