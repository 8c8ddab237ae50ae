import { packGemmF32 } from './pack-gemm-f32.js';

/** float32 weights of a depthwise convolution, in ONNX order. */
export interface DepthwiseF32Weights {
  /** shape [channels, 1, kernelHeight, kernelWidth] */
  readonly data: Float32Array;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** shape [channels]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/**
 * Weights as `depthwise-conv-f32` reads them: the panels of `packGemmF32`, channels as columns, taps as rows.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packDepthwiseConvF32(weights: DepthwiseF32Weights): Float32Array {
  const taps = weights.kernelHeight * weights.kernelWidth;
  return packGemmF32({
    data: weights.data,
    k: taps,
    n: weights.channels,
    rowStride: 1,
    columnStride: taps,
    bias: weights.bias,
  });
}
