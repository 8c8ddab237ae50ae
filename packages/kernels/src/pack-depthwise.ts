import { packGemmI8 } from './pack-gemm.js';

/** Integer weights of a depthwise convolution, in ONNX order. */
export interface DepthwiseI8Weights {
  /** shape [channels, 1, kernelHeight, kernelWidth] */
  readonly data: Int8Array | Uint8Array;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** shape [channels] at scale inputScale * weightScale; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [channels] or [1]: `requantizeMultiplier` of each channel */
  readonly multipliers: Float32Array;
  /** shape [channels] or [1], subtracted from the weights; absent: 0 */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
}

/**
 * Weights as `depthwise-conv-i8` reads them: the panels of `packGemmI8`, channels as columns, taps as rows.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packDepthwiseConvI8(weights: DepthwiseI8Weights): Uint8Array {
  const taps = weights.kernelHeight * weights.kernelWidth;
  return packGemmI8({
    data: weights.data,
    k: taps,
    n: weights.channels,
    rowStride: 1,
    columnStride: taps,
    bias: weights.bias,
    multipliers: weights.multipliers,
    zeroPoints: weights.zeroPoints,
  });
}
