import { Geometry } from '../geometry';
import { requantize } from '../requantize/scalar';
import { tapAddress } from '../taps';

/**
 * 2-D convolution of NHWC int8 images by weights most of which are zero: what `convI8` computes. One group.
 *
 * geometry: address of a Geometry. w: packed by `packSparseI8` with rows in the order kernel row, kernel column,
 * channel. scratch: `sparseConvI8ScratchBytes` bytes for the SIMD form; this one needs none.
 */
export function sparseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups == 1);
  for (let column = 0; column < g.outputChannels; column++) {
    const end = w + 12 + (load<i32>(w) << 3);
    for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
      let sum = load<i32>(w, 4);
      for (let entry = w + 12; entry < end; entry += 8) {
        for (let half = 0; half < 4; half += 2) {
          const i = <i32>load<u16>(entry + half, 4) / 3;
          const from = tapAddress(g, x, 0, pixel, i / g.inputChannels);
          if (from) sum += (<i32>load<i8>(from + (i % g.inputChannels)) - xZero) * load<i16>(entry + half);
        }
      }
      const result = requantize(sum, load<f32>(w, 8), yZero, yLow, yHigh);
      store<i8>(y + pixel * g.outputChannels + column, result);
    }
    w = end;
  }
}
