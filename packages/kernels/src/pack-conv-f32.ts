import { type ConvShape, groupSize, tapsFirst } from './conv-shape.js';
import { packedGemmF32Bytes, packGemmF32 } from './pack-gemm-f32.js';

/** float32 weights of a convolution. */
export interface ConvF32Weights extends ConvShape {
  /** shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth] */
  readonly data: Float32Array;
  /** shape [outputChannels]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/** Words before the weights: the format, 0 for panels, then zeros. */
const HEADER = 4;

/**
 * Weights as `conv-f32` reads them: 16 bytes that say the format, then for each group a `packGemmF32` matrix with rows in the order kernel row,
 * kernel column, channel.
 *
 * @throws {RangeError} when an array is shorter than its shape says, or groups don't divide the channels
 */
export function packConvF32(weights: ConvF32Weights): Float32Array {
  const { n, k } = groupSize(weights);
  const packed = new Float32Array(HEADER + (packedGemmF32Bytes(n, k) / 4) * weights.groups);
  const rows = tapsFirst(weights, weights.data);
  for (let group = 0; group < weights.groups; group++) {
    const from = group * n;
    const one = packGemmF32({
      data: rows.subarray(from * k, (from + n) * k),
      k,
      n,
      rowStride: 1,
      columnStride: k,
      bias: weights.bias?.subarray(from, from + n),
    });
    packed.set(one, HEADER + group * one.length);
  }
  return packed;
}
