import {
  packedGemmF32Bytes,
  packedGemmI8Bytes,
  packGemmF32,
  packGemmI8,
  requireLength,
} from './pack-gemm.js';

/** Weights of a convolution in ONNX order. */
export interface ConvShape {
  readonly outputChannels: number;
  /** input channels of one group */
  readonly channelsPerGroup: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly groups: number;
}

/** float32 weights of a convolution. */
export interface ConvF32Weights extends ConvShape {
  /** shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth] */
  readonly data: Float32Array;
  /** shape [outputChannels]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

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
 * Weights as `conv-f32` reads them: for each group a `packGemmF32` matrix with rows in the order kernel row,
 * kernel column, channel.
 *
 * @throws {RangeError} when an array is shorter than its shape says, or groups don't divide the channels
 */
export function packConvF32(weights: ConvF32Weights): Float32Array {
  const { n, k } = groupSize(weights);
  const packed = new Float32Array((packedGemmF32Bytes(n, k) / 4) * weights.groups);
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
    packed.set(one, group * one.length);
  }
  return packed;
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

function groupSize(shape: ConvShape): { n: number; k: number } {
  if (shape.outputChannels % shape.groups !== 0) {
    throw new RangeError(
      `${shape.outputChannels} output channels can't be split into ${shape.groups} groups.`,
    );
  }
  return {
    n: shape.outputChannels / shape.groups,
    k: shape.channelsPerGroup * shape.kernelHeight * shape.kernelWidth,
  };
}

function ofGroup<T extends Float32Array | Int8Array | Uint8Array>(values: T, from: number, n: number): T {
  // subarray keeps the class of the array; TypeScript types it as the base class.
  return (values.length === 1 ? values : values.subarray(from, from + n)) as T;
}

/** [output, channel, tap] to [output, tap, channel]. */
function tapsFirst<T extends Float32Array | Int8Array | Uint8Array>(shape: ConvShape, data: T): T {
  const channels = shape.channelsPerGroup;
  const taps = shape.kernelHeight * shape.kernelWidth;
  const length = shape.outputChannels * channels * taps;
  requireLength('weights', data.length, length);
  // slice keeps the class of the array; TypeScript types it as the base class.
  const result = data.slice(0, length) as T;
  let at = 0;
  for (let output = 0; output < shape.outputChannels; output++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let channel = 0; channel < channels; channel++) {
        result[at++] = data[(output * channels + channel) * taps + tap]!;
      }
    }
  }
  return result;
}
