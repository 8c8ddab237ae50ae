import { Geometry } from '../geometry';
import { averageDivisor } from '../window';
import { tapAddress } from '../taps';

/**
 * Mean of the codes under each window, halves away from zero, padding left out: TensorFlow Lite's AVERAGE_POOL_2D. The grid
 * stays. Windows: at most 2^15 pixels.
 */
export function averagePoolI16(geometry: usize, x: usize, y: usize, low: i32, high: i32): void {
  const g = changetype<Geometry>(geometry);
  const taps = g.kernelHeight * g.kernelWidth;
  assert(g.inputChannels == g.outputChannels && taps <= 1 << 15);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
    const count = averageDivisor(g, pixel / g.outputWidth % g.outputHeight, pixel % g.outputWidth, 0);
    for (let channel = 0; channel < g.outputChannels; channel++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        const from = tapAddress(g, x, 1, pixel, tap);
        if (from) sum += <i32>load<i16>(from + (channel << 1));
      }
      // Division truncates. A window without a pixel has the mean 0.
      const mean = count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      store<i16>(y + ((pixel * g.outputChannels + channel) << 1), <i16>min(max(mean, low), high));
    }
  }
}
