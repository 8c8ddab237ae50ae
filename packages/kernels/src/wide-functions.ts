/**
 * The exports of the binary `wide`: kernels for int16 activations. What holds for all kernels is said by `KernelFunctions`.
 * `low` and `high` are codes in [-32768, 32767]; scales are addresses of `fixedPointScale` unless they are numbers.
 */
export interface WideFunctions {
  /** c[m, n] = requantize(a[m, k] * b + bias). b: `packGemmI16`. scratch: 256 bytes. */
  gemmI16(
    m: number,
    n: number,
    k: number,
    a: number,
    aStride: number,
    b: number,
    c: number,
    cStride: number,
    cZero: number,
    cLow: number,
    cHigh: number,
    scratch: number,
  ): void;
  /** 2-D convolution. w: `packConvI16`. Padding has the value xZero. scratch: `convI16ScratchBytes`. */
  convI16(
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
  /** Each channel with its own kernel. w: `packDepthwiseI16`. scratch: 64 bytes. */
  depthwiseConvI16(
    geometry: number,
    x: number,
    w: number,
    y: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
    scratch: number,
  ): void;
  /** c[m, n] = requantize((a[m, k] - aZero) * (b[k, n] - bZero)). multiplier: address of a float64, or where fixedPoint is 1 of two int64. */
  matMulI16(
    m: number,
    n: number,
    k: number,
    a: number,
    b: number,
    c: number,
    aZero: number,
    bZero: number,
    multiplier: number,
    fixedPoint: number,
    cZero: number,
    cLow: number,
    cHigh: number,
  ): void;
  /** y = a + b as TensorFlow Lite's ADD; shapes as addF32, scales as addFixedI8, that of y times 2^-15; shifts are at least -30. */
  addI16(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    aScale: number,
    aZero: number,
    bScale: number,
    bZero: number,
    yScale: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** y = a - b, as addI16. */
  subI16(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    aScale: number,
    aZero: number,
    bScale: number,
    bZero: number,
    yScale: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** y = a * b as TensorFlow Lite's MUL; shapes as addF32, zero points of a and b are 0. */
  mulI16(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    scale: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** Codes of 1, 2 or 4 bytes to another scale and size, as TensorFlow Lite's QUANTIZE. */
  rescale(
    n: number,
    x: number,
    xBytes: number,
    y: number,
    yBytes: number,
    scale: number,
    xZero: number,
    yZero: number,
    low: number,
    high: number,
  ): void;
  /** TensorFlow Lite's LEAKY_RELU, zero points 0. sign: of alpha. */
  leakyReluI16(n: number, x: number, y: number, above: number, below: number, sign: number): void;
  /** TensorFlow Lite's LOGISTIC, to scale 2^-15. table: `sigmoidTable`; multiplier and shift: `sigmoidScale`. */
  sigmoidI16(n: number, x: number, y: number, table: number, multiplier: number, shift: number): void;
  /** TensorFlow Lite's TANH, as sigmoidI16. */
  tanhI16(n: number, x: number, y: number, table: number, multiplier: number, shift: number): void;
  /** TensorFlow Lite's SOFTMAX, to scale 2^-15. tables: `exponentialTable` and `reciprocalTable`. y may be x. */
  softmaxI16(
    outer: number,
    length: number,
    inner: number,
    x: number,
    y: number,
    scale: number,
    exponentials: number,
    reciprocals: number,
  ): void;
  /** Mean under each window, halves away from zero: TensorFlow Lite's AVERAGE_POOL_2D. */
  averagePoolI16(geometry: number, x: number, y: number, low: number, high: number): void;
  /** As meanFixedI8. length: at most 2^14. */
  meanI16(
    outer: number,
    length: number,
    inner: number,
    x: number,
    y: number,
    scale: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** As transposeF32 over 16-bit values. */
  transposeI16(batch: number, rows: number, columns: number, x: number, y: number): void;
  /** q = saturate(round(x / scale) + zero) over n floats; away 0: halves to even, 1: away from zero. */
  quantizeF32I16(n: number, x: number, y: number, scale: number, zero: number, away: number): void;
  /** y = (q - zero) * scale over n int16. */
  dequantizeI16F32(n: number, x: number, y: number, scale: number, zero: number): void;
}
