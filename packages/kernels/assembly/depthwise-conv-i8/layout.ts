import { Geometry } from '../geometry';
import { DOT8_SIGNED } from '../packed-i8';
import { multiplierBytes } from '../requantize/rule';

/*
 * Packed weights: a header of four int32 of which the first is the format, as in ../packed-i8.ts, then a quad after the
 * other, each 4 channels: int32 biases, the multipliers (float32, or a block of ../requantize/rule.ts), int32 sums of the
 * weights, then two lists of 16 byte vectors. A vector holds the weights of neighbouring taps of a kernel column side by
 * side for each channel: two as int16 (format DOT16), or four as int8 (DOT8). The first list is for windows that start in
 * an even row (kernel rows 0 1, 2 3 ... or 0 1 2 3, 4 5 6 7 ...), the second for those in an odd one (- 0, 1 2 ... or
 * - 0 1 2, 3 4 5 6 ...). In a list the kernel columns of the first group of rows come first.
 */

/** Bytes before the first quad. */
export const HEADER_BYTES: i32 = 16;

/** Where the sums of the weights of a quad are. */
@inline
export function sumsAt(): i32 {
  return 16 + multiplierBytes();
}

/** Bytes of a quad before its weights. */
@inline
export function quadHeaderBytes(): i32 {
  return sumsAt() + 16;
}

/** Kernel rows that a vector of weights holds. */
@inline
export function groupRows(format: i32): i32 {
  return format >= DOT8_SIGNED ? 4 : 2;
}

/** Groups of `rows` rows under a window that starts in an even row. */
@inline
export function evenGroups(kernelHeight: i32, rows: i32): i32 {
  return (kernelHeight + rows - 1) / rows;
}

/** Groups under a window that starts in an odd row: never fewer. */
@inline
export function oddGroups(kernelHeight: i32, rows: i32): i32 {
  return kernelHeight / rows + 1;
}

/** Bytes from one quad of packed weights to the next. */
@inline
export function quadBytes(g: Geometry, rows: i32): i32 {
  return quadHeaderBytes() + (evenGroups(g.kernelHeight, rows) + oddGroups(g.kernelHeight, rows)) * g.kernelWidth * 16;
}

/** Columns of a row in scratch: all that a row of outputs needs, computed four at a time. */
@inline
export function scratchColumns(g: Geometry): i32 {
  return (((g.outputWidth + 3) & ~3) - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
}

/** Quads of a row in scratch: rows are interleaved sixteen channels at a time, the last eight alone. */
@inline
export function scratchQuads(channels: i32): i32 {
  // More than 8 channels over the last 16: 16 are written.
  return ((channels >> 4) << 2) + ((channels & 15) > 8 ? 4 : (channels & 15) > 0 ? 2 : 0);
}
