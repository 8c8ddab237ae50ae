import { Geometry } from '../geometry';
import { clampF32One } from '../gemm-f32/scalar';
import { PANEL_BYTES } from '../sparse-gemm-f32/scalar';
import { tapAddress } from '../taps';

/**
 * 2-D convolution of NHWC images in float32 by weights most of which are zero: what `convF32` computes, with the
 * exceptions that `sparseGemmF32` has. One group.
 *
 * geometry: address of a Geometry. w: packed by `packSparseF32` with rows in the order kernel row, kernel column,
 * channel. scratch: `sparseConvF32ScratchBytes` bytes for the SIMD form; this one needs none.
 */
export function sparseConvF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups == 1);
  for (let column = 0; column < g.outputChannels; column++) {
    const end = w + 8 + (load<i32>(w) << 3);
    for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
      let sum = load<f32>(w, 4);
      for (let entry = w + 8; entry < end; entry += 8) {
        const i = <i32>load<u32>(entry, 4) / PANEL_BYTES;
        const from = tapAddress(g, x, 2, pixel, i / g.inputChannels);
        const value: f32 = from ? load<f32>(from + ((i % g.inputChannels) << 2)) : 0;
        sum += value * load<f32>(entry);
      }
      store<f32>(y + ((pixel * g.outputChannels + column) << 2), clampF32One(sum, low, high));
    }
    w = end;
  }
}
