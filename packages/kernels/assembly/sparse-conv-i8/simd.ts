import { Geometry } from '../geometry';
import { multiplyPanel, ROWS, transposeEight } from '../sparse-gemm-i8/simd';
import { PANEL_BYTES } from '../sparse-gemm-i8/scalar';
import { listPixels } from '../taps';

/**
 * As ./scalar.ts, bit for bit. As `sparseGemmI8`, where the rows of a block are the windows under 24 output pixels,
 * transposed and widened from where they lie. Reads up to 15 bytes past the image.
 */
export function sparseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels;
  const taps = g.kernelHeight * g.kernelWidth;
  const listBytes = taps << 2;
  const outputs = g.outputChannels;
  const sums = scratch + (((taps * channels + 7) & ~7) + 8) * PANEL_BYTES;
  const outside = sums + 256;
  const lists = outside + ((channels + 15) & ~15);
  const zeros = i16x8.splat(<i16>xZero);
  for (let i = 0; i < channels; i += 16) v128.store(outside + i, i8x16.splat(<i8>xZero));
  const end = g.endRow * g.outputWidth;
  for (let pixel = g.firstRow * g.outputWidth; pixel < end; pixel += ROWS) {
    const pixels = min(end - pixel, ROWS);
    const padded = (pixels + 7) & ~7;
    listPixels(g, x, 0, pixel, pixels, padded, outside, lists);
    // Tap after tap: what is written past a tap's channels is overwritten by the next.
    for (let tap = 0; tap < taps; tap++) {
      let list = lists + (tap << 2);
      let to = scratch + tap * channels * PANEL_BYTES;
      for (let row = 0; row < padded; row += 8) {
        const a0 = <usize>load<u32>(list), a1 = <usize>load<u32>(list + listBytes);
        const a2 = <usize>load<u32>(list + listBytes * 2), a3 = <usize>load<u32>(list + listBytes * 3);
        const next = list + listBytes * 4;
        const a4 = <usize>load<u32>(next), a5 = <usize>load<u32>(next + listBytes);
        const a6 = <usize>load<u32>(next + listBytes * 2), a7 = <usize>load<u32>(next + listBytes * 3);
        transposeEight(a0, a1, a2, a3, a4, a5, a6, a7, channels, zeros, to);
        list += listBytes << 3;
        to += 16;
      }
    }
    const to = y + pixel * outputs;
    multiplyPanel(pixels, outputs, scratch, w, sums, to, outputs, yZero, yLow, yHigh);
  }
}
