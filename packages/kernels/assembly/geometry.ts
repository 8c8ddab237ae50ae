/**
 * Shape of a convolution or pool over NHWC images: 20 int32 in this order, written by
 * `writeGeometry` in src/geometry.ts. One struct instead of 18 arguments; nothing is allocated.
 */
@unmanaged
export class Geometry {
  batch: i32;
  inputHeight: i32;
  inputWidth: i32;
  inputChannels: i32;
  outputHeight: i32;
  outputWidth: i32;
  outputChannels: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  padBottom: i32;
  padRight: i32;
  groups: i32;
  /** The first output row to compute, counted over all images: image * outputHeight + oy. */
  firstRow: i32;
  /** One past the last. A call that computes some of the rows is how work is split over threads. */
  endRow: i32;
}

/** The first kernel tap whose position `origin + tap * dilation` is not below `low`. At most `taps`. */
export function firstTap(origin: i32, dilation: i32, taps: i32, low: i32): i32 {
  if (origin >= low) return 0;
  return min((low - origin + dilation - 1) / dilation, taps);
}

/** One past the last kernel tap whose position `origin + tap * dilation` is below `size`; never before `firstTap`. */
export function endTap(origin: i32, dilation: i32, taps: i32, size: i32): i32 {
  if (origin >= size) return 0;
  return min((size - origin + dilation - 1) / dilation, taps);
}

/** How many taps of one axis stand on the image or its declared padding: the divisor of count_include_pad. */
export function paddedTaps(origin: i32, dilation: i32, taps: i32, padBefore: i32, end: i32): i32 {
  return endTap(origin, dilation, taps, end) - firstTap(origin, dilation, taps, -padBefore);
}

/** Bytes from one packed panel of 8 float32 columns to the next: 8 biases, then `k` rows of 8. */
@inline
export function panelBytesF32(k: i32): i32 {
  return (k + 1) << 5;
}

/** Bytes from one packed panel of 8 int16 columns to the next: 8 biases, 8 multipliers, then pairs of rows. */
@inline
export function panelBytesI16(k: i32): i32 {
  return 64 + (((k + 1) >> 1) << 5);
}

/** Panels of 8 that hold `n` columns. */
@inline
export function panels(n: i32): i32 {
  return (n + 7) >> 3;
}
