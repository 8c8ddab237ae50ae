import { Geometry } from '../geometry';

/*
 * Packed weights: a quad after the other, each 4 channels: int32 biases, the multipliers (float32, or a block of
 * ../requantize/rule.ts), int32 sums of the weights, then two lists of 16 byte vectors. A vector holds the weights of two taps, one below the
 * other, side by side for each channel, as int16. The first list is for windows that start in an even row
 * (pairs of kernel rows 0 1, 2 3 ...), the second for those in an odd one (- 0, 1 2 ...). In a list the kernel
 * columns of the first pair come first.
 */

/** Where the sums of the weights are. */
// @ts-ignore: a constant of the command line
export const SUMS: i32 = isDefined(FIXED_POINT) ? 64 : 32;
export const HEADER_BYTES: i32 = SUMS + 16;

/** Pairs of rows under a window that starts in an even row. */
@inline
export function evenPairs(kernelHeight: i32): i32 {
  return (kernelHeight + 1) >> 1;
}

/** Pairs of rows under a window that starts in an odd row: never fewer. */
@inline
export function oddPairs(kernelHeight: i32): i32 {
  return (kernelHeight >> 1) + 1;
}

/** Bytes from one quad of packed weights to the next. */
@inline
export function quadBytes(g: Geometry): i32 {
  return HEADER_BYTES + (evenPairs(g.kernelHeight) + oddPairs(g.kernelHeight)) * g.kernelWidth * 16;
}

/** Columns of a row in scratch: all that a row of outputs needs, computed four at a time. */
@inline
export function scratchColumns(g: Geometry): i32 {
  return (((g.outputWidth + 3) & ~3) - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
}

/** Quads of a row in scratch: rows are widened sixteen channels at a time, the last eight alone. */
@inline
export function scratchQuads(channels: i32): i32 {
  // More than 8 channels over the last 16: 16 are written.
  return ((channels >> 4) << 2) + ((channels & 15) > 8 ? 4 : (channels & 15) > 0 ? 2 : 0);
}
