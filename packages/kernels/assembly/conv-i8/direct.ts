import { product } from '../gemm-i8/product';
import { tileRows } from '../gemm-i8/steps';
import { Sweep, sweepPanel } from '../gemm-i8/tiles';
import { Geometry, panels } from '../geometry';
import { HEADER_BYTES, layoutOf, panelStride, stepsOf } from '../packed-i8';
import { lowBound, zeroOffset } from '../requantize/simd';
import { Band, fillBand, listSegments, planBand, wrapBand } from './band';

/** What vectors may write past the band or a padded row. */
const SLACK_BYTES: i32 = 64;
/** Between phases: storing four entries at a time may run out of the last plane of one, when the next is filled. */
const PHASE_GAP_BYTES: i32 = 16;

@inline
function align16(bytes: i32): i32 {
  return (bytes + 15) & ~15;
}

/** Whether output pixels are the rows of a matrix product: no window, no stride, no padding. */
export function isPointwise(g: Geometry): bool {
  return g.kernelHeight == 1 && g.kernelWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1
    && g.outputHeight == g.inputHeight && g.outputWidth == g.inputWidth && (g.padTop | g.padLeft) == 0;
}

/**
 * Rows firstRow to endRow of a convolution. T and W as in ../gemm-i8/tiles.ts; format is that of `packed`.
 *
 * shift: xZero (T is i16) or what int8 activations are xored with (i8).
 */
export function convolve<T, W>(
  g: Geometry, x: usize, packed: usize, format: i32, y: usize, xZero: i32, shift: i32,
  yZero: i32, yLow: i32, yHigh: i32, scratch: usize, scratchBytes: i32,
): void {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const panelBytes = panelStride(format, stepsOf(packed));
  const groupBytes = panels(outputs) * panelBytes;
  const weights = packed + HEADER_BYTES;
  if (isPointwise(g)) {
    const first = g.firstRow * g.outputWidth;
    const pixels = (g.endRow - g.firstRow) * g.outputWidth;
    for (let group = 0; group < g.groups; group++) {
      product<T, W>(
        pixels, outputs, channels, x + first * g.inputChannels + group * channels, g.inputChannels,
        weights + group * groupBytes, y + first * g.outputChannels + group * outputs, g.outputChannels,
        shift, yZero, yLow, yHigh, scratch, scratchBytes,
      );
    }
    return;
  }
  const sweep = changetype<Sweep>(scratch);
  const band = changetype<Band>(scratch + offsetof<Sweep>());
  const segments = scratch + align16(offsetof<Sweep>() + offsetof<Band>());
  planBand<T>(g, layoutOf(packed), band);
  band.line = segments + align16(g.kernelWidth * g.kernelHeight << 2);
  const lineValues = (g.outputWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
  const bandAt = band.line + (band.runs ? align16(lineValues * channels * sizeof<T>()) + SLACK_BYTES : 0);
  const room = scratchBytes - <i32>(bandAt - scratch) - SLACK_BYTES - band.phases * PHASE_GAP_BYTES;
  band.wrapped = i32(sizeof<T>() == 1 && wrapsWell(g, band));
  let mostRows = 1;
  if (band.wrapped) {
    mostRows = g.outputHeight;
    while (wrapBand(g, band, mostRows) > room && mostRows > 1) mostRows--;
    band.wrapped = i32(wrapBand(g, band, mostRows) <= room);
    if (!band.wrapped) planBand<T>(g, layoutOf(packed), band);
  }
  if (!band.wrapped) {
    const bandRows = room / max(band.rowBytes * band.phases, 1);
    mostRows = max((bandRows - band.reach) / band.outputStep + 1, 1);
    band.phaseBytes = ((min(mostRows, g.outputHeight) - 1) * band.outputStep + band.reach) * band.rowBytes + PHASE_GAP_BYTES;
  }
  sweep.step = band.planeBytes;
  sweep.segments = segments;
  sweep.segmentCount = listSegments(g, band, segments);
  sweep.steps = stepsOf(packed) / sweep.segmentCount;
  sweep.cStride = g.outputChannels;
  const imageBytes = g.inputHeight * g.inputWidth * g.inputChannels;
  const low = lowBound(yLow, yZero);
  const offset = zeroOffset(yZero);
  const most = i8x16.splat(<i8>yHigh);
  const blocks = (g.outputHeight + mostRows - 1) / mostRows;
  const even = (g.outputHeight + blocks - 1) / blocks;
  for (let row = g.firstRow; row < g.endRow; ) {
    const image = row / g.outputHeight;
    const oy = row - image * g.outputHeight;
    const rows = min(min(even, g.outputHeight - oy), g.endRow - row);
    const top = oy * g.strideHeight - g.padTop;
    const bandCount = (rows - 1) * band.outputStep + band.reach;
    const to = y + row * g.outputWidth * g.outputChannels;
    for (let group = 0; group < g.groups; group++) {
      fillBand<T>(g, band, x + image * imageBytes + group * channels, top, bandCount, xZero, shift, bandAt);
      const panel = weights + group * groupBytes;
      // In a wrapped band all rows are one.
      const width = band.wrapped ? rows * g.outputWidth : g.outputWidth;
      const lines = band.wrapped ? 1 : rows;
      sweepRows<T, W>(g, width, band, sweep, bandAt, lines, panel, panelBytes, outputs, to + group * outputs, low, offset, most);
    }
    row += rows;
  }
}

/** Tiles that end with each output row leave sums empty; one that takes this many more steps is made the other way. */
const WASTE_PERCENT: i32 = 7;

/**
 * Whether tiles should run on over the ends of output rows. A step of a tile takes as long as its rows, but not less than 5:
 * the latency of a relaxed dot product. More than one panel pays for writing the pixels once for each kernel column.
 */
function wrapsWell(g: Geometry, band: Band): bool {
  if (band.runs || g.outputChannels / g.groups <= 8) return false;
  const width = g.outputWidth;
  const tiles = (width + tileRows<i8>() - 1) / tileRows<i8>();
  const height = width / tiles;
  const taller = width - height * tiles;
  const time = taller * max(height + 1, 5) + (tiles - taller) * max(height, 5);
  return time * 100 > width * (100 + WASTE_PERCENT);
}

/** All panels over a block of output rows: a panel stays in the first-level cache, the band in the second. */
function sweepRows<T, W>(
  g: Geometry, width: i32, band: Band, sweep: Sweep, a: usize, rows: i32, panel: usize, panelBytes: i32, columns: i32, y: usize,
  low: v128, offset: v128, most: v128,
): void {
  const tiles = (width + tileRows<T>() - 1) / tileRows<T>();
  const height = width / tiles;
  const taller = width - height * tiles;
  const aStep = band.outputStep * band.rowBytes;
  const yStep = width * g.outputChannels;
  const aSkip = taller * (height + 1) << 2;
  const ySkip = taller * (height + 1) * g.outputChannels;
  for (; columns > 0; columns -= 8) {
    let from = a;
    let to = y;
    for (let row = 0; row < rows; row++) {
      if (taller) {
        sweep.aNext = (height + 1) << 2;
        sweepPanel<T, W>(height + 1, taller, sweep, from, panel, columns, to, low, offset, most);
      }
      sweep.aNext = height << 2;
      sweepPanel<T, W>(height, tiles - taller, sweep, from + aSkip, panel, columns, to + ySkip, low, offset, most);
      from += aStep;
      to += yStep;
    }
    panel += panelBytes;
    y += 8;
  }
}
