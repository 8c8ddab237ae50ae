/**
 * The exports of a kernel binary as TypeScript sees them. All arguments are numbers: addresses in kernel
 * memory (multiples of 16 from `Heap.malloc`, or offsets into such a span), int32 or float32. What each kernel
 * computes, bit for bit, is said by its `assembly/<kernel>/scalar.ts`.
 *
 * Common to all: images are NHWC; strides are counted in elements; float32 clamps keep NaN (pass -Infinity and
 * Infinity for none); `low` and `high` of int8 kernels are quantized values in [-128, 127]; a kernel may read, never
 * write, up to 31 bytes past an input; outputs must not overlap inputs unless said.
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
  /** As gemmF32, most of b zero. b: `packSparseF32`. scratch: `sparseGemmF32ScratchBytes`. */
  sparseGemmF32(
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
    scratch: number,
  ): void;
  /** As sparseGemmF32, for one to three rows. b: `packSparseVectorF32`. */
  sparseGemvF32(
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
  /** As gemmI8, most of b zero. b: `packSparseI8`. scratch: `sparseGemmI8ScratchBytes`. */
  sparseGemmI8(
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
  ): void;
  /** As sparseGemmI8, for one to three rows. b: `packSparseVectorI8`. */
  sparseGemvI8(
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
  ): void;
  /** As convF32, one group, most of w zero. w: `packSparseF32` of `tapsFirstColumns`. scratch: `sparseConvF32ScratchBytes`. */
  sparseConvF32(
    geometry: number,
    x: number,
    w: number,
    y: number,
    low: number,
    high: number,
    scratch: number,
  ): void;
  /** As convI8, one group, most of w zero. w: `packSparseI8` of `tapsFirstColumns`. scratch: `sparseConvI8ScratchBytes`. */
  sparseConvI8(
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
  /** Writes the panels of `packGemmI8` from columns of k int8, but for biases and multipliers: see pack-columns-i8. */
  packColumnsI8(n: number, k: number, columns: number, format: number, steps: number, packed: number): void;
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
  /** Transposed 2-D convolution. bias: outputChannels floats. w: `packConvTransposeF32`. scratch: `convTransposeScratchBytes`. */
  convTransposeF32(
    geometry: number,
    x: number,
    w: number,
    bias: number,
    y: number,
    low: number,
    high: number,
    scratch: number,
  ): void;
  /** Each channel with its own kernel. w: `packDepthwiseConvF32`. scratch: `depthwiseScratchBytes(g, 4)`. */
  depthwiseConvF32(
    geometry: number,
    x: number,
    w: number,
    y: number,
    low: number,
    high: number,
    scratch: number,
  ): void;
  /** As depthwiseConvF32, int8. w: `packDepthwiseConvI8`. scratch: `depthwiseScratchBytes(g, 1)`. */
  depthwiseConvI8(
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
  /** Largest value under each window, padding left out. */
  maxPoolF32(geometry: number, x: number, y: number): void;
  /** As maxPoolF32, int8; scale and zero point stay. */
  maxPoolI8(geometry: number, x: number, y: number): void;
  /** Mean under each window. includePad: 1 for ONNX count_include_pad, else 0. */
  averagePoolF32(geometry: number, x: number, y: number, includePad: number): void;
  /** As averagePoolF32, int8. multiplier: f32(xScale / yScale). */
  averagePoolI8(
    geometry: number,
    x: number,
    y: number,
    includePad: number,
    multiplier: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** Mean over pixels: x [batch, pixels, channels], y [batch, channels]. */
  globalAveragePoolF32(batch: number, pixels: number, channels: number, x: number, y: number): void;
  /** As globalAveragePoolF32, int8. multiplier: f32(xScale / yScale). */
  globalAveragePoolI8(
    batch: number,
    pixels: number,
    channels: number,
    x: number,
    y: number,
    multiplier: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** y = clamp(a + b) over [rows, columns]. Strides of b: [columns, 1] same shape, [0, 1] one value a column (NHWC
   * channels), [1, 0] one a row (NCHW channels), [0, 0] a scalar. y may be a, or b where b has the same shape. */
  addF32(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = clamp(a - b); shapes as addF32. */
  subF32(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = clamp(a * b); shapes as addF32. */
  mulF32(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = clamp(a / b); shapes as addF32. */
  divF32(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = clamp(a < 0 ? a * b : a); shapes as addF32. */
  preluF32(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = quantize(dequantize(a) + dequantize(b)), each step in float32; shapes as addF32. */
  addI8(
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
  /** y = quantize(dequantize(a) * dequantize(b)), each step in float32; shapes as addF32. */
  mulI8(
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
  /** y = clamp(x) over n floats. y may be x. */
  clampF32(n: number, x: number, y: number, low: number, high: number): void;
  /**
   * One direction of an LSTM over a sequence. input: [sequence, batch, 4 hidden], gates i, o, f, c with their biases;
   * recurrence: [hidden, 4 hidden] by `packGemmF32`; state, cell: [batch, hidden], cell is overwritten; y: a step every
   * yStride floats; scratch: batch * 4 hidden floats.
   */
  lstmF32(
    sequence: number,
    batch: number,
    hidden: number,
    input: number,
    recurrence: number,
    state: number,
    cell: number,
    y: number,
    yStride: number,
    reverse: number,
    scratch: number,
  ): void;
  /**
   * One direction of a GRU over a sequence. input: [sequence, batch, 3 hidden], gates z, r, h with the biases that
   * no reset scales; recurrence: [hidden, 3 hidden] by `packGemmF32` and candidate 0 (linear_before_reset), or [hidden, 2
   * hidden] and candidate [hidden, hidden]; the rest as lstmF32.
   */
  gruF32(
    sequence: number,
    batch: number,
    hidden: number,
    input: number,
    recurrence: number,
    candidate: number,
    state: number,
    y: number,
    yStride: number,
    reverse: number,
    scratch: number,
  ): void;
  /** Any view of bytes or 32-bit values, made dense: plan: address of `permuteWords` or `viewWords`. */
  permute(plan: number, x: number, y: number): void;
  /** Axis `length` of [outer, length, inner] to `count` elements, each a weighted sum of `taps` others. table: `resampleTable`. */
  resampleF32(
    outer: number,
    length: number,
    count: number,
    inner: number,
    taps: number,
    table: number,
    x: number,
    y: number,
  ): void;
  /** Softmax over the middle axis of x [outer, length, inner]; its logarithm where logarithm is not 0. y may be x. */
  softmaxF32(outer: number, length: number, inner: number, x: number, y: number, logarithm: number): void;
  /** y [outer, inner] = x [outer, length, inner] reduced over its middle axis; kind: one of `reductions`. */
  reduceF32(kind: number, outer: number, length: number, inner: number, x: number, y: number): void;
  /**
   * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, row by row; scale and bias: addresses of a row each, or 0.
   * centered 0: the mean is taken to be 0 (RMS). y may be x.
   */
  layerNormF32(
    rows: number,
    columns: number,
    x: number,
    y: number,
    scale: number,
    bias: number,
    epsilon: number,
    centered: number,
  ): void;
  /** y = clamp(x * scale + shift) over [rows, columns]; both parameters with the strides of b in addF32. y may be x. */
  scaleShiftF32(
    rows: number,
    columns: number,
    x: number,
    scale: number,
    shift: number,
    rowStride: number,
    columnStride: number,
    y: number,
    low: number,
    high: number,
  ): void;
  /** y = f(x) over n floats; operation: one of `unaryFunctions`, a and b: its parameters. y may be x. */
  unaryF32(operation: number, n: number, x: number, y: number, a: number, b: number): void;
  /** y = table[x + 128] over n int8. table: `lookupTable`. y may be x. */
  lutI8(n: number, x: number, table: number, y: number): void;
  /** q = saturate(roundHalfEven(x / scale) + zero) over n floats; NaN gives low. */
  quantizeF32I8(
    n: number,
    x: number,
    y: number,
    scale: number,
    zero: number,
    low: number,
    high: number,
  ): void;
  /** As quantizeF32I8, x [batch, channels, pixels] to y [batch, pixels, channels]: NCHW images to NHWC. */
  quantizeTransposeF32I8(
    batch: number,
    channels: number,
    pixels: number,
    x: number,
    y: number,
    scale: number,
    zero: number,
    low: number,
    high: number,
  ): void;
  /** y = (q - zero) * scale over n int8. */
  dequantizeI8F32(n: number, x: number, y: number, scale: number, zero: number): void;
  /** Int8 rows of one scale and zero point to another; with yStride, one input of a Concat. y may be x
   * where both strides are the same. */
  requantizeI8(
    rows: number,
    columns: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    xScale: number,
    xZero: number,
    yScale: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** Copies rows of bytes between places with strides in bytes: Concat and Slice of any type. */
  copyRows(rows: number, bytes: number, x: number, xStride: number, y: number, yStride: number): void;
  /** Copies rows of bytes, each from x + table[row] (u32), or from `fill` where that is 0xffffffff, into y without gaps. */
  gatherRows(rows: number, bytes: number, table: number, x: number, fill: number, y: number): void;
  /** Softmax of int8 [outer, length, inner] along length. exponentials: 256 float64, exp(-d * xScale). y may be x. */
  softmaxI8(
    outer: number,
    length: number,
    inner: number,
    x: number,
    y: number,
    exponentials: number,
    yScale: number,
    yZero: number,
  ): void;
  /** uint8 to int8 and back (move the zero point by 128 too). y may be x. */
  flipSignI8(n: number, x: number, y: number): void;
  /** y[b, column, row] = x[b, row, column] over 32-bit values. NCHW to NHWC: rows = C, columns = H * W. */
  transposeF32(batch: number, rows: number, columns: number, x: number, y: number): void;
  /** As transposeF32 over bytes. */
  transposeI8(batch: number, rows: number, columns: number, x: number, y: number): void;
  /** As packGemmBI8; multipliers: address of a block of four, `multiplierBlock`. packed: `packedGemmI8Bytes(n, k, 'fixed-point')`. */
  packGemmBFixedI8(
    n: number,
    k: number,
    b: number,
    rowStride: number,
    columnStride: number,
    bZero: number,
    bias: number,
    multipliers: number,
    packed: number,
  ): void;
  /**
   * y = a + b as TensorFlow Lite's ADD; shapes as addF32. Scales: addresses of `fixedPointScale`, of a and b to twice the larger
   * scale, of y from that times 2^-20.
   */
  addFixedI8(
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
  /** y = a - b, as addFixedI8. */
  subFixedI8(
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
  /** y = a * b as TensorFlow Lite's MUL; shapes as addF32. scale: address of `fixedPointScale` of aScale * bScale / yScale. */
  mulFixedI8(
    rows: number,
    columns: number,
    a: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    y: number,
    aZero: number,
    bZero: number,
    scale: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /** As requantizeI8, by TensorFlow Lite's QUANTIZE. scale: address of `fixedPointScale` of xScale / yScale. */
  requantizeFixedI8(
    rows: number,
    columns: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    scale: number,
    xZero: number,
    yZero: number,
    yLow: number,
    yHigh: number,
  ): void;
  /**
   * y [outer, inner] = sum over the middle axis of (x - xZero), times a scale: TensorFlow Lite's SUM, and MEAN. scale:
   * address of `fixedPointScale`, for MEAN of `fixedPointMean`. length: at most 2^20.
   */
  meanFixedI8(
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
  /**
   * Softmax of int8 [outer, length, inner] along length, to scale 1/256 and zero point -128. exponentials: 256 int32,
   * exp(-d * xScale) * 2^31, or -1 for those that count as 0. y may be x.
   */
  softmaxFixedI8(
    outer: number,
    length: number,
    inner: number,
    x: number,
    y: number,
    exponentials: number,
  ): void;
}
