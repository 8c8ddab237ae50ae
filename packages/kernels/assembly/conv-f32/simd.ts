import { multiplyRowsF32 } from '../gemm-f32/rows';
import { gemmF32 } from '../gemm-f32/simd';
import { Geometry, panelBytesF32, panels } from '../geometry';
import { CONV_HEADER, WINOGRAD } from './header';
import { gatheredRows, gatherRows } from './gather';
import { blockPixels, listRuns, runsOfRows, tableOf } from './runs';
import { winogradF32 } from './winograd';

/**
 * As ./scalar.ts, bit for bit. Pointwise convolutions are one matrix product. Others multiply the inputs where
 * they lie, by a list of addresses, or where runs are short beside the outputs, gathered rows: a block of pixels at
 * a time, the whole image is never unfolded. Reads up to 12 bytes past the image.
 *
 * The first word of w says whether it is for this or for ./winograd.ts.
 *
 * scratch: 16 byte aligned, `convScratchBytes` bytes.
 */
export function convF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const format = load<u32>(w);
  w += CONV_HEADER;
  if (format == WINOGRAD) {
    winogradF32(g, x, w, y, low, high, scratch);
    return;
  }
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const k = g.kernelHeight * g.kernelWidth * channels;
  const packedBytes = panels(outputs) * panelBytesF32(k);
  const first = g.firstRow * g.outputWidth;
  const end = g.endRow * g.outputWidth;
  const pointwise = isPointwise(g);
  const ofRows = runsOfRows(g, channels);
  const runs = ofRows ? g.kernelHeight : k / channels;
  // A run costs some 10 cycles for each panel, a gathered float one or two for all.
  const listed = runs * outputs < k;
  for (let group = 0; group < g.groups; group++) {
    const from = x + ((group * channels) << 2);
    const to = y + ((first * g.outputChannels + group * outputs) << 2);
    if (pointwise) {
      const start = from + ((first * g.inputChannels) << 2);
      gemmF32(end - first, outputs, k, start, g.inputChannels, w, to, g.outputChannels, low, high);
    } else if (listed) {
      multiplyListed(g, from, channels, ofRows, first, end, outputs, w, to, low, high, scratch, scratchBytes);
    } else {
      multiplyGathered(g, from, channels, first, end, outputs, w, to, low, high, scratch, scratchBytes);
    }
    w += packedBytes;
  }
}

/** True when an output pixel reads exactly the input pixel at the same place. */
@inline
export function isPointwise(g: Geometry): bool {
  return g.kernelHeight == 1 && g.kernelWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1
    && g.padTop == 0 && g.padLeft == 0 && g.outputHeight == g.inputHeight && g.outputWidth == g.inputWidth;
}

function multiplyListed(
  g: Geometry, x: usize, channels: i32, ofRows: bool, pixel: i32, end: i32, outputs: i32, w: usize, y: usize,
  low: f32, high: f32, scratch: usize, scratchBytes: i32,
): void {
  const run = ofRows ? g.kernelWidth * channels : channels;
  const runs = ofRows ? g.kernelHeight : g.kernelHeight * g.kernelWidth;
  const slotBytes = ofRows ? g.kernelHeight * ((run * 4 + 15) & ~15) : 0;
  const block = blockPixels(scratchBytes, runs, run, slotBytes);
  const table = tableOf(scratch, run);
  const yStride = g.outputChannels << 2;
  while (pixel < end) {
    const wanted = min(block, end - pixel);
    const count = listRuns(g, x, channels, ofRows, pixel, wanted, block, scratch, scratchBytes);
    multiplyRowsF32(count, outputs, runs, run, 0, 0, table, w, y, yStride, low, high);
    pixel += count;
    y += count * yStride;
  }
}

function multiplyGathered(
  g: Geometry, x: usize, channels: i32, pixel: i32, end: i32, outputs: i32, w: usize, y: usize, low: f32, high: f32,
  scratch: usize, scratchBytes: i32,
): void {
  const k = g.kernelHeight * g.kernelWidth * channels;
  const rowBytes = ((k << 2) + 15) & ~15;
  const block = gatheredRows(scratchBytes, rowBytes);
  const yStride = g.outputChannels << 2;
  for (; pixel < end; pixel += block) {
    const count = min(block, end - pixel);
    gatherRows(g, x, channels, pixel, count, scratch, rowBytes);
    multiplyRowsF32(count, outputs, 1, k, scratch, rowBytes, 0, w, y, yStride, low, high);
    y += count * yStride;
  }
}
