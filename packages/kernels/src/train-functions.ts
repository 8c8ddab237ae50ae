import type { KernelFunctions } from './kernel-functions.js';

/**
 * The exports that only the binary `train` has, as TypeScript sees them; what holds for `KernelFunctions` holds here. A
 * mask is n words, all ones where a weight stays and 0 where it is pruned.
 */
export interface TrainFunctions {
  /** dx = dy where low < y < high, else 0. dx may be dy. */
  clampGradientF32(n: number, y: number, dy: number, dx: number, low: number, high: number): void;
  /**
   * y = scale * (code - zero), code = clamp(roundHalfEven(x / scale) + zero, low, high): x [outer, slices, inner], a scale
   * and a zero point (a whole number) for each slice, float32. y may be x.
   */
  fakeQuantizeF32(
    outer: number,
    slices: number,
    inner: number,
    x: number,
    scales: number,
    zeros: number,
    low: number,
    high: number,
    y: number,
  ): void;
  /**
   * dx = dy where the code was not clamped, else 0; sums [outer, slices], or address 0: the gradient by the scale, summed over
   * `inner`. dx may be dy.
   */
  fakeQuantizeGradientF32(
    outer: number,
    slices: number,
    inner: number,
    x: number,
    dy: number,
    scales: number,
    zeros: number,
    low: number,
    high: number,
    dx: number,
    sums: number,
  ): void;
  /**
   * y = scale * (code of sum * multiplier), as int8 kernels make codes of sums: sums [rows, columns] are whole numbers.
   * reals: what is rounded, or address 0. step: 4 where columns have multipliers of their own, else 0. scale, zero:
   * addresses. least, most: bounds of an activation. reals may be sums.
   */
  fakeRequantizeF32(
    rows: number,
    columns: number,
    sums: number,
    multipliers: number,
    step: number,
    scale: number,
    zero: number,
    low: number,
    high: number,
    least: number,
    most: number,
    reals: number,
    y: number,
  ): void;
  /** y = f32(inputScale * weightScale / outputScale) for n scales of weights; the other two are addresses of one. */
  requantizeMultipliersF32(
    n: number,
    weightScales: number,
    inputScale: number,
    outputScale: number,
    y: number,
  ): void;
  /** y = roundHalfEven(x / scale): x [outer, slices, inner], a scale for each slice. y may be x. */
  wholeF32(outer: number, slices: number, inner: number, x: number, scales: number, y: number): void;
  /** y = value, n times. */
  fillF32(n: number, value: number, y: number): void;
  /** y[i] = the sum of x[places[k]], k from starts[i] up to starts[i + 1]. starts: n + 1 uint32; places: uint32. */
  gatherSumF32(n: number, starts: number, places: number, x: number, y: number): void;
  /** dx = dy * f'(x) with y = f(x); operation, a and b as of unaryF32. dx may be dy. */
  unaryGradientF32(
    operation: number,
    n: number,
    x: number,
    y: number,
    dy: number,
    dx: number,
    a: number,
    b: number,
  ): void;
  /** dx of an average pool. Whole images. includePad: as of averagePoolF32. */
  averagePoolGradientF32(geometry: number, dy: number, dx: number, includePad: number): void;
  /** y = x where the mask is all ones, else 0. y may be x. */
  maskF32(n: number, x: number, mask: number, y: number): void;
  /** dx of a max pool: x and y are its input and output. Whole images. */
  maxPoolGradientF32(geometry: number, x: number, y: number, dy: number, dx: number): void;
  /**
   * dx of a convolution. w: for each group, `packGemmBF32` of outputs / groups rows and kernel height * kernel width *
   * channels columns. Whole images. scratch: `convInputGradientScratchBytes`.
   */
  convInputGradientF32(
    geometry: number,
    dy: number,
    w: number,
    dx: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /**
   * dw of a convolution, [outputs, kernel height, kernel width, channels of a group] for each part of `images` images.
   * x, dy: NHWC. Whole parts. scratch: `convWeightGradientScratchBytes`.
   */
  convWeightGradientF32(
    geometry: number,
    images: number,
    x: number,
    dy: number,
    dw: number,
    scratch: number,
    scratchBytes: number,
  ): void;
  /**
   * As convWeightGradientF32, for 3 x 3 kernels of stride and dilation 1 in one group and channels that are multiples of 8;
   * dy: [pixels, outputs]. scratch: `convWeightGradientWinogradScratchBytes`.
   */
  convWeightGradientWinogradF32(
    geometry: number,
    images: number,
    x: number,
    dy: number,
    dw: number,
    scratch: number,
  ): void;
  /**
   * 3 x 3 kernels as `packWinogradF32` of TypeScript packs them, n columns and k rows of kernels. Tap t of (row, column) is
   * at w[column * columnStride + row * rowStride + t * tapStride]; strides may be negative. bias: 0 for none.
   */
  packWinogradF32(
    n: number,
    k: number,
    w: number,
    rowStride: number,
    columnStride: number,
    tapStride: number,
    bias: number,
    packed: number,
  ): void;
  /** dx of a depthwise convolution. w: [taps, channels]. Whole images. */
  depthwiseInputGradientF32(geometry: number, dy: number, w: number, dx: number): void;
  /** dw of a depthwise convolution, [taps, channels] for each part of `images` images. Whole parts. */
  depthwiseWeightGradientF32(geometry: number, images: number, x: number, dy: number, dw: number): void;
  /** losses[row] = -sum t log softmax(logits); gradient = (softmax * sum t - t) * scale. All [rows, classes]. */
  crossEntropyF32(
    rows: number,
    classes: number,
    logits: number,
    targets: number,
    gradient: number,
    losses: number,
    scale: number,
  ): void;
  /**
   * y = x * scale where an element is kept, else 0: by a hash of its index (from `first` on), `layer` and the word at
   * `key`. limit: 2^32 times the fraction dropped. y may be x.
   */
  dropoutF32(
    n: number,
    first: number,
    x: number,
    y: number,
    key: number,
    layer: number,
    limit: number,
    scale: number,
  ): void;
  /** y[i] = centroids[index[i]]; index: n uint16. */
  fromClustersF32(n: number, index: number, centroids: number, y: number): void;
  /** sums[c] = the sum of dw[i] where index[i] is c. */
  clusterSumF32(n: number, index: number, dw: number, clusters: number, sums: number): void;
  /** Gradient descent with momentum. mask: address or 0; rate: address of the learning rate. */
  sgdF32(
    n: number,
    w: number,
    dw: number,
    v: number,
    mask: number,
    rate: number,
    momentum: number,
    l1: number,
    l2: number,
  ): void;
  /** Adam. mask: address or 0; step: address of rate, root and decay; decays: 0 where there is none. */
  adamF32(
    n: number,
    w: number,
    dw: number,
    m: number,
    v: number,
    mask: number,
    step: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    l1: number,
    l2: number,
    decays: number,
  ): void;
}

/** Every function of the binary `train`. */
export type AllTrainFunctions = KernelFunctions & TrainFunctions;
