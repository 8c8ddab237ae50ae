import { Geometry } from '../geometry';

/** Largest value under each window, padding left out; -128 where a window is all padding. Scale and zero point stay. */
export function maxPoolI8(geometry: usize, x: usize, y: usize): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  for (let row = g.firstRow; row < g.endRow; row++) {
    const image = row / g.outputHeight;
    const oy = row % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        let largest = -128;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inputHeight) continue;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inputWidth) continue;
            const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
            largest = max<i32>(largest, load<i8>(x + at));
          }
        }
        const to = (row * g.outputWidth + ox) * g.outputChannels + channel;
        store<i8>(y + to, <i8>largest);
      }
    }
  }
}
