import { Geometry } from '../geometry';
import { averageDivisor } from '../window';

/**
 * Mean under each window: the float32 sum in order of kernel row and column, divided once.
 * includePad: 0 divides by the taps on the image, 1 also counts those on padding (which are 0).
 */
export function averagePoolF32(geometry: usize, x: usize, y: usize, includePad: i32): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  for (let line = g.firstRow; line < g.endRow; line++) {
    const image = line / g.outputHeight;
    const oy = line % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        let sum: f32 = 0;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inputHeight) continue;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inputWidth) continue;
            const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
            sum += load<f32>(x + (at << 2));
          }
        }
        const to = (line * g.outputWidth + ox) * g.outputChannels + channel;
        store<f32>(y + (to << 2), sum / <f32>averageDivisor(g, oy, ox, includePad));
      }
    }
  }
}
