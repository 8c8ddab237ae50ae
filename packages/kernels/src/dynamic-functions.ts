/**
 * The exports of the binaries `dynamic`: kernels for int8 codes on grids of ranges that are known at run time. What holds for all
 * kernels is said by `KernelFunctions`. units: of each range a float32 scale and an int32 zero point; way: a number of `DYNAMIC_WAYS`;
 * format: `weightFormatNumber`. Results are float32.
 */
export interface DynamicFunctions {
  /** codes[ranges, count] and units of x[ranges, count], each range by itself. */
  dynamicCodes(ranges: number, count: number, x: number, codes: number, units: number, way: number): void;
  /** c[m, n] = clamp((a[m, k] - zero) * b * scales + bias). b: `packMatrixDynamic`. unitStep: 8 for a unit a row, or 0. scratch: `dynamicScratchBytes`. */
  gemmDynamic(
    m: number,
    n: number,
    k: number,
    a: number,
    aStride: number,
    units: number,
    unitStep: number,
    b: number,
    c: number,
    cStride: number,
    low: number,
    high: number,
    way: number,
    format: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /** 2-D convolution. w: `packConvDynamic`. imageStep: 8 for a unit an image; pixelStep: 8 for one a pixel, of a pointwise one only. */
  convDynamic(
    geometry: number,
    x: number,
    units: number,
    imageStep: number,
    pixelStep: number,
    w: number,
    y: number,
    low: number,
    high: number,
    way: number,
    format: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /** Each channel with its own kernel. w: `packDepthwiseDynamic`. */
  depthwiseConvDynamic(
    geometry: number,
    x: number,
    units: number,
    imageStep: number,
    w: number,
    y: number,
    low: number,
    high: number,
    way: number,
  ): void;
}
