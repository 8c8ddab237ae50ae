import { weightAt } from '../gemm-i16/scalar';
import { Geometry, panels } from '../geometry';
import { HEADER_BYTES, kindOf, panelBytes, stepsOf } from '../packed-i16';
import { requantizeSum } from '../requantize/sum-i16-scalar';
import { tapAddress } from '../taps';

/**
 * 2-D convolution of NHWC int16 images by int8 weights, requantized to int16; rows firstRow to endRow of the geometry.
 *
 * Padding has the value xZero. w: packed by `packConvI16`: for each group what `packGemmI16` writes, with rows of K in the order
 * kernel row, kernel column, channel. scratch: `convI16ScratchBytes` bytes for SIMD.
 */
export function convI16(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.firstRow >= 0 && g.firstRow <= g.endRow && g.endRow <= g.batch * g.outputHeight);
  assert(yLow >= -32768 && yLow <= yHigh && yHigh <= 32767);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const taps = g.kernelHeight * g.kernelWidth;
  assert(stepsOf(w) == (taps * channels + 1) >> 1);
  const bytes = panelBytes(stepsOf(w));
  for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
    for (let channel = 0; channel < g.outputChannels; channel++) {
      const group = channel / outputs;
      const column = channel % outputs;
      const matrix = w + group * (HEADER_BYTES + panels(outputs) * bytes);
      const panel = matrix + HEADER_BYTES + (column >> 3) * bytes;
      const lane = column & 7;
      let sum: i64 = 0;
      for (let tap = 0; tap < taps; tap++) {
        const from = tapAddress(g, x, 1, pixel, tap);
        for (let i = 0; i < channels; i++) {
          const value = from ? <i64>load<i16>(from + ((group * channels + i) << 1)) : <i64>xZero;
          sum += value * <i64>weightAt(panel, tap * channels + i, lane);
        }
      }
      const total = load<f64>(panel + (lane << 3)) + <f64>sum;
      const code = requantizeSum(total, panel, lane, kindOf(matrix), yZero, yLow, yHigh);
      store<i16>(y + ((pixel * g.outputChannels + channel) << 1), <i16>code);
    }
  }
}
