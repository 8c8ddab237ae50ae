import { Geometry } from '../geometry';
import { DOT16, formatOf } from '../packed-i8';
import { lowBound, multipliersAt, zeroOffset } from '../requantize/simd';
import {
  evenGroups, HEADER_BYTES, oddGroups, quadBytes, quadHeaderBytes, scratchColumns, scratchQuads, sumsAt,
} from './layout';
import { pairRows } from './pair-rows';
import { strip3, strip3Stride2, stripAny } from './strips';

/** Rows of a group. */
const PAIR: i32 = 2;

/**
 * As ./scalar.ts, bit for bit. Input rows are widened and interleaved two by two once (./pair-rows.ts), and
 * serve all windows over them: a window reads whole pairs, with weight 0 where one has a row too many.
 * Reads up to 15 bytes past the image.
 *
 * Windows dilated by d read every d-th row: rows are paired within each of d classes. A class keeps as many
 * pairs as a window reads, the newer in place of the older.
 *
 * scratch: `depthwiseScratchBytes` bytes, 16 byte aligned: a pixel of padding, the number of the pair in each
 * place (i32), the addresses of a window's pairs (u32), the places.
 */
export function depthwiseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  // Others are packed for a binary with the relaxed dot product.
  if (formatOf(w) != DOT16) unreachable();
  w += HEADER_BYTES;
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const kept = oddGroups(g.kernelHeight, PAIR);
  const quadStride = scratchColumns(g) << 4;
  const pairBytes = scratchQuads(channels) * quadStride;
  const padding = (channels + 15) & ~15;
  const numbers = scratch + padding;
  const window = numbers + (kept * g.dilationHeight << 2);
  const places = (window + (kept << 2) + 15) & ~15;
  for (let i = 0; i < padding; i += 16) v128.store(scratch + i, i8x16.splat(<i8>xZero));
  y += g.firstRow * g.outputWidth * channels;
  let image = -1;
  for (let row = g.firstRow; row < g.endRow; row++) {
    const oy = row % g.outputHeight;
    if (image < 0 || oy == 0) {
      image = row / g.outputHeight;
      memory.fill(numbers, 0xff, kept * g.dilationHeight << 2);
    }
    const start = oy * g.strideHeight;
    const phase = start % g.dilationHeight;
    const line = start / g.dilationHeight;
    const odd = line & 1;
    const pairs = odd ? kept : evenGroups(g.kernelHeight, PAIR);
    for (let i = 0; i < pairs; i++) {
      const number = (line >> 1) + i;
      const place = phase * kept + number % kept;
      const at = places + place * pairBytes;
      store<u32>(window + (i << 2), <u32>at);
      if (load<i32>(numbers + (place << 2)) == number) continue;
      store<i32>(numbers + (place << 2), number);
      const top = phase + number * 2 * g.dilationHeight - g.padTop;
      const from = x + image * g.inputHeight * g.inputWidth * channels;
      pairRows(g, from, top, top + g.dilationHeight, scratch, at, quadStride);
    }
    outputRow(g, window, pairs, quadStride, w, odd, y, xZero, yZero, yLow, yHigh);
    y += g.outputWidth * channels;
  }
}

/** One output row, quad by quad. `window`: the addresses of its pairs of rows. */
function outputRow(
  g: Geometry, window: usize, pairs: i32, quadStride: i32, w: usize, odd: i32, y: usize,
  xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
): void {
  const channels = g.outputChannels;
  const step = channels;
  const isThree = g.kernelWidth == 3 && g.dilationWidth == 1 && pairs == 2;
  const taps = quadHeaderBytes() + (odd ? evenGroups(g.kernelHeight, PAIR) * g.kernelWidth << 4 : 0);
  const weightBytes = quadBytes(g, PAIR);
  const zeros = i32x4.splat(xZero);
  const low = lowBound(yLow, yZero);
  const offset = zeroOffset(yZero);
  const most = i8x16.splat(<i8>yHigh);
  const first = <usize>load<u32>(window);
  const below = <usize>load<u32>(window, 4) - first;
  const rowBytes = g.outputWidth * channels;
  let quad: usize = 0;
  for (let channel = 0; channel < channels; channel += 4) {
    // The zero point of x moves into the bias: sum of (x - xZero) * w is sum of x * w less xZero * sum of w.
    const bias = i32x4.sub(v128.load(w), i32x4.mul(v128.load(w + sumsAt()), zeros));
    const factor = multipliersAt(w + 16);
    const left = channels - channel;
    const end = y + rowBytes;
    if (isThree && left >= 4 && g.strideWidth == 1) {
      strip3(first + quad, below, w + taps, bias, factor, low, offset, most, y, step, end);
    } else if (isThree && left >= 4 && g.strideWidth == 2) {
      strip3Stride2(first + quad, below, w + taps, bias, factor, low, offset, most, y, step, end);
    } else {
      stripAny(
        window, pairs, quad, g.kernelWidth, g.strideWidth << 4, g.dilationWidth << 4,
        w + taps, bias, factor, low, offset, most, y, step, g.outputWidth, left,
      );
    }
    w += weightBytes;
    quad += quadStride;
    y += 4;
  }
}
