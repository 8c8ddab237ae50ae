import { Geometry } from '../geometry';
import { DOT8_SIGNED, DOT8_UNSIGNED, formatOf } from '../packed-i8';
import { lowBound, multipliersAt, zeroOffset } from '../requantize/simd';
import { fourRows } from './four-rows';
import { evenGroups, HEADER_BYTES, oddGroups, quadBytes, quadHeaderBytes, scratchColumns, sumsAt } from './layout';
import { relaxedStrip3, relaxedStrip3Stride2, relaxedStripAny } from './relaxed-strips';
import { depthwiseConvI8 as depthwiseDot16 } from './simd';

/** Rows of a group. */
const FOUR: i32 = 4;

/**
 * As ./scalar.ts, bit for bit. Reads up to 15 bytes past the image.
 *
 * For sixteen channels at a time the input rows under one output row, or under two, are interleaved in groups of four
 * (./four-rows.ts) that start in an even row, and read at once: they never leave the first-level cache. A window reads
 * whole groups, with weight 0 where one has a row too many.
 *
 * Windows dilated by d read every d-th row: rows are grouped within each of d classes.
 *
 * scratch: `depthwiseScratchBytes` bytes, 16 byte aligned: a pixel of padding, then the groups of four quads.
 */
export function depthwiseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const format = formatOf(w);
  if (format < DOT8_SIGNED) {
    depthwiseDot16(geometry, x, w, y, xZero, yZero, yLow, yHigh, scratch);
    return;
  }
  const g = changetype<Geometry>(geometry);
  // As uint8 an activation is x + 128: x with its top bit flipped.
  const added = format == DOT8_UNSIGNED ? 128 : 0;
  const flip = i8x16.splat(<i8>added);
  const channels = g.outputChannels;
  const padding = (channels + 15) & ~15;
  const at = scratch + padding;
  const rowBytes = g.outputWidth * channels;
  for (let i = 0; i < padding; i += 16) v128.store(scratch + i, i8x16.splat(<i8>xZero));
  const low = lowBound(yLow, yZero);
  const offset = zeroOffset(yZero);
  const most = i8x16.splat(<i8>yHigh);
  y += g.firstRow * rowBytes;
  for (let row = g.firstRow; row < g.endRow; ) {
    const oy = row % g.outputHeight;
    const start = oy * g.strideHeight;
    const phase = start % g.dilationHeight;
    const line = start / g.dilationHeight;
    const odd = line & 1;
    // The next row reads the same groups where it starts one line below an even one.
    const two = !odd && g.strideHeight == 1 && g.dilationHeight == 1 && oy + 1 < g.outputHeight && row + 1 < g.endRow;
    const image = x + row / g.outputHeight * g.inputHeight * g.inputWidth * channels;
    const top = phase + (line >> 1) * 2 * g.dilationHeight - g.padTop;
    const groups = odd || two ? oddGroups(g.kernelHeight, FOUR) : evenGroups(g.kernelHeight, FOUR);
    for (let channel = 0; channel < channels; channel += 16) {
      interleaveGroups(g, image, channel, top, groups, flip, scratch, at);
      const quads = w + HEADER_BYTES + (channel >> 2) * quadBytes(g, FOUR);
      rowOfQuads(g, at, channel, quads, odd, y, xZero + added, low, offset, most);
      if (two) rowOfQuads(g, at, channel, quads, 1, y + rowBytes, xZero + added, low, offset, most);
    }
    row += two ? 2 : 1;
    y += two ? rowBytes << 1 : rowBytes;
  }
}

@inline
function groupBytes(g: Geometry): i32 {
  return scratchColumns(g) << 6;
}

/** Groups of four rows of up to sixteen channels; the first starts in input row `top`. */
function interleaveGroups(
  g: Geometry, image: usize, channel: i32, top: i32, groups: i32, flip: v128, outside: usize, to: usize,
): void {
  const quads = g.inputChannels - channel > 8 ? 4 : 2;
  const quadStride = scratchColumns(g) << 4;
  for (; groups > 0; groups--) {
    fourRows(g, image + channel, top, g.dilationHeight, quads, flip, outside + channel, to, quadStride);
    top += FOUR * g.dilationHeight;
    to += quadStride * quads;
  }
}

/** One output row of up to sixteen channels, quad by quad. zero: of the activations as they are multiplied. */
function rowOfQuads(
  g: Geometry, x: usize, channel: i32, w: usize, odd: i32, y: usize, zero: i32, low: v128, offset: v128, most: v128,
): void {
  const channels = g.outputChannels;
  const groups = odd ? oddGroups(g.kernelHeight, FOUR) : evenGroups(g.kernelHeight, FOUR);
  const isThree = g.kernelWidth == 3 && g.dilationWidth == 1 && groups == 1;
  const taps = quadHeaderBytes() + (odd ? evenGroups(g.kernelHeight, FOUR) * g.kernelWidth << 4 : 0);
  const quadStride = scratchColumns(g) << 4;
  const groupStride = quadStride * (channels - channel > 8 ? 4 : 2);
  const end = min(channel + 16, channels);
  y += channel;
  for (; channel < end; channel += 4) {
    // The zero point of x moves into the bias: sum of (x - xZero) * w is sum of x * w less xZero * sum of w.
    const bias = i32x4.sub(v128.load(w), i32x4.mul(v128.load(w + sumsAt()), i32x4.splat(zero)));
    const factor = multipliersAt(w + 16);
    const left = channels - channel;
    if (isThree && left >= 4 && g.strideWidth == 1) {
      relaxedStrip3(x, w + taps, bias, factor, low, offset, most, y, channels, g.outputWidth);
    } else if (isThree && left >= 4 && g.strideWidth == 2) {
      relaxedStrip3Stride2(x, w + taps, bias, factor, low, offset, most, y, channels, g.outputWidth);
    } else {
      relaxedStripAny(
        x, groups, groupStride, g.kernelWidth, g.strideWidth << 4, g.dilationWidth << 4,
        w + taps, bias, factor, low, offset, most, y, channels, g.outputWidth, left,
      );
    }
    w += quadBytes(g, FOUR);
    x += quadStride;
    y += 4;
  }
}
