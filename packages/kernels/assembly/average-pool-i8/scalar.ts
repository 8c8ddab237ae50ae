import { Geometry } from '../geometry';
import { saturate } from '../requantize/scalar';
import { averageDivisor } from '../window';

/**
 * Mean under each window of (x - xZero), to int8:
 *
 * q = saturate(roundHalfEven(f32(f32(sum) / f32(divisor)) * multiplier) + yZero, yLow, yHigh)
 *
 * Halves away from zero in binaries of fixed-point multipliers: with a multiplier of 1 and zero points of 0 that is
 * TensorFlow Lite's division of integers, for windows of up to 2^15 pixels. The sum is exact in int32. multiplier: f32(xScale / yScale). Quotient and product are rounded to float32.
 * includePad: 0 divides by the taps on the image, 1 also counts those on padding (which has the value xZero).
 */
export function averagePoolI8(
  geometry: usize, x: usize, y: usize, includePad: i32, multiplier: f32, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  for (let row = g.firstRow; row < g.endRow; row++) {
    const image = row / g.outputHeight;
    const oy = row % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        let sum = 0;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inputHeight) continue;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inputWidth) continue;
            const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
            sum += <i32>load<i8>(x + at) - xZero;
          }
        }
        const to = (row * g.outputWidth + ox) * g.outputChannels + channel;
        const mean = <f32>sum / <f32>averageDivisor(g, oy, ox, includePad);
        store<i8>(y + to, <i8>saturate(mean * multiplier, yZero, yLow, yHigh));
      }
    }
  }
}
