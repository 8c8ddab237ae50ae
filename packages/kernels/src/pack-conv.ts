import { type ConvShape, groupSize, tapsFirst } from './conv-shape.js';
import { packedGemmI8Bytes, packGemmI8 } from './pack-gemm.js';

/** Integer weights of a convolution. */
export interface ConvI8Weights extends ConvShape {
  /** shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth] */
  readonly data: Int8Array | Uint8Array;
  /** shape [outputChannels] at scale inputScale * weightScale; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [outputChannels] or [1]: `requantizeMultiplier` of each channel */
  readonly multipliers: Float32Array;
  /** shape [outputChannels] or [1], subtracted from the weights; absent: 0 */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
}

/**
 * Weights as `conv-i8` reads them: for each group a `packGemmI8` matrix with rows in the order kernel row,
 * kernel column, channel.
 *
 * @throws {RangeError} when an array is shorter than its shape says, or groups don't divide the channels
 */
export function packConvI8(weights: ConvI8Weights): Uint8Array {
  const { n, k } = groupSize(weights);
  const packed = new Uint8Array(packedGemmI8Bytes(n, k) * weights.groups);
  const rows = tapsFirst(weights, weights.data);
  for (let group = 0; group < weights.groups; group++) {
    const from = group * n;
    const one = packGemmI8({
      data: rows.subarray(from * k, (from + n) * k),
      k,
      n,
      rowStride: 1,
      columnStride: k,
      bias: weights.bias?.subarray(from, from + n),
      multipliers: ofGroup(weights.multipliers, from, n),
      zeroPoints: weights.zeroPoints && ofGroup(weights.zeroPoints, from, n),
    });
    packed.set(one, group * one.length);
  }
  return packed;
}

function ofGroup<T extends Float32Array | Int8Array | Uint8Array>(values: T, from: number, n: number): T {
  // subarray keeps the class of the array; TypeScript types it as the base class.
  return (values.length === 1 ? values : values.subarray(from, from + n)) as T;
}
