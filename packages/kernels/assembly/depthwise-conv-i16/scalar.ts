import { Geometry } from '../geometry';
import { depthwisePanelBytes, HEADER_BYTES, kindOf, PANEL_HEADER_BYTES, stepsOf } from '../packed-i16';
import { requantizeSum } from '../requantize/sum-i16-scalar';
import { tapAddress } from '../taps';

/**
 * 2-D convolution of each channel of NHWC int16 images with its own int8 kernel, requantized to int16; rows firstRow to
 * endRow of the geometry. inputChannels is outputChannels.
 *
 * Padding has the value xZero. w: packed by `packDepthwiseI16`, whose sums of products fit int32. scratch: 64 bytes for SIMD, 16 byte
 * aligned.
 */
export function depthwiseConvI16(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const taps = g.kernelHeight * g.kernelWidth;
  assert(g.inputChannels == g.outputChannels && stepsOf(w) == taps);
  assert(g.firstRow >= 0 && g.firstRow <= g.endRow && g.endRow <= g.batch * g.outputHeight);
  assert(yLow >= -32768 && yLow <= yHigh && yHigh <= 32767);
  for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
    for (let channel = 0; channel < g.outputChannels; channel++) {
      const panel = w + HEADER_BYTES + (channel >> 3) * depthwisePanelBytes(taps);
      const lane = channel & 7;
      let sum: i64 = 0;
      for (let tap = 0; tap < taps; tap++) {
        const from = tapAddress(g, x, 1, pixel, tap);
        const value = from ? <i64>load<i16>(from + (channel << 1)) : <i64>xZero;
        sum += value * <i64>load<i16>(panel + PANEL_HEADER_BYTES + (tap << 4) + (lane << 1));
      }
      const total = load<f64>(panel + (lane << 3)) + <f64>sum;
      const code = requantizeSum(total, panel, lane, kindOf(w), yZero, yLow, yHigh);
      store<i16>(y + ((pixel * g.outputChannels + channel) << 1), <i16>code);
    }
  }
}
