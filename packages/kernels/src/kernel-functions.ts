/**
 * The exports of a kernel binary as TypeScript sees them. All arguments are numbers: addresses in kernel
 * memory (multiples of 16 from `Heap.malloc`, or offsets into such a span), int32 or float32. What each kernel
 * computes, bit for bit, is said by its `assembly/<kernel>/scalar.ts`.
 *
 * Common to all: images are NHWC; strides are counted in elements; float32 clamps keep NaN (pass -Infinity and
 * Infinity for none); `low` and `high` of int8 kernels are quantized values in [-128, 127]; a kernel may read, never
 * write, up to 16 bytes past an input; outputs must not overlap inputs unless said.
 */
export interface KernelFunctions {
  /** c[m, n] = clamp(a[m, k] * b + bias). b: `packGemmF32` (bias inside). */
  gemmF32(
    m: number,
    n: number,
    k: number,
    a: number,
    aStride: number,
    b: number,
    c: number,
    cStride: number,
    low: number,
    high: number,
  ): void;
  /** c[m, n] = requantize((a[m, k] - aZero) * b + bias). b: `packGemmI8`. scratch: `gemmI8ScratchBytes`. */
  gemmI8(
    m: number,
    n: number,
    k: number,
    a: number,
    aStride: number,
    b: number,
    c: number,
    cStride: number,
    aZero: number,
    cZero: number,
    cLow: number,
    cHigh: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /** Packs a float32 matrix known only at run time, as `packGemmF32` does; bias: address of n floats or 0. */
  packGemmBF32(
    n: number,
    k: number,
    b: number,
    rowStride: number,
    columnStride: number,
    bias: number,
    packed: number,
  ): void;
  /** Packs an int8 matrix known only at run time, as `packGemmI8` does; bias: address of n int32 or 0. */
  packGemmBI8(
    n: number,
    k: number,
    b: number,
    rowStride: number,
    columnStride: number,
    bZero: number,
    bias: number,
    multiplier: number,
    packed: number,
  ): void;
  /** 2-D convolution, any stride, dilation, pads, groups. w: `packConvF32`. scratch: `convScratchBytes(g, 4)`. */
  convF32(
    geometry: number,
    x: number,
    w: number,
    y: number,
    low: number,
    high: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /** As convF32, int8. w: `packConvI8`. Padding has the value xZero. scratch: `convScratchBytes(g, 2)`. */
  convI8(
    geometry: number,
    x: number,
    w: number,
    y: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
    scratch: number,
    scratchBytes: number,
  ): void;
}
