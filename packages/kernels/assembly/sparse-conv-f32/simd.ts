import { Geometry } from '../geometry';
import { zeroFill } from '../lanes';
import { multiplyPanel, paddedRows, ROWS, transposeFour } from '../sparse-gemm-f32/simd';
import { PANEL_BYTES } from '../sparse-gemm-f32/scalar';
import { listPixels } from '../taps';

/**
 * As ./scalar.ts, bit for bit. As `sparseGemmF32`, where the rows of a block are the windows under 28 output pixels,
 * transposed from where they lie. Reads up to 12 bytes past the image.
 */
export function sparseConvF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels;
  const taps = g.kernelHeight * g.kernelWidth;
  const listBytes = taps << 2;
  const outputs = g.outputChannels;
  const sums = scratch + (((taps * channels + 3) & ~3) + 4) * PANEL_BYTES;
  const outside = sums + 4 * PANEL_BYTES;
  const lists = outside + (((channels + 3) & ~3) << 2);
  zeroFill(outside, channels << 2);
  const end = g.endRow * g.outputWidth;
  for (let pixel = g.firstRow * g.outputWidth; pixel < end; pixel += ROWS) {
    const pixels = min(end - pixel, ROWS);
    const padded = paddedRows(pixels);
    listPixels(g, x, 2, pixel, pixels, padded, outside, lists);
    // Tap after tap: what is written past a tap's channels is overwritten by the next.
    for (let tap = 0; tap < taps; tap++) {
      let list = lists + (tap << 2);
      let to = scratch + tap * channels * PANEL_BYTES;
      for (let row = 0; row < padded; row += 4) {
        const a0 = <usize>load<u32>(list);
        const a1 = <usize>load<u32>(list + listBytes);
        const a2 = <usize>load<u32>(list + listBytes * 2);
        transposeFour(a0, a1, a2, <usize>load<u32>(list + listBytes * 3), channels, to);
        list += listBytes << 2;
        to += 16;
      }
    }
    multiplyPanel(pixels, outputs, scratch, w, sums, y + ((pixel * outputs) << 2), outputs << 2, low, high);
  }
}
