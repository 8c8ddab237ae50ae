import { type ConvShape, groupSize, tapsFirst } from './conv-shape.js';
import { packedGemmF32Bytes, packGemmF32 } from './pack-gemm-f32.js';
import type { ConvWindow } from './winograd.js';
import { packWinogradF32 } from './winograd-f32.js';

/** float32 weights of a convolution. */
export interface ConvF32Weights extends ConvShape {
  /** shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth] */
  readonly data: Float32Array;
  /** shape [outputChannels]; absent: zeros */
  readonly bias?: Float32Array | undefined;
  /** How the kernel slides, where it is known: some convolutions are then packed for Winograd's algorithm. */
  readonly window?: ConvWindow | undefined;
}

/** Words before the weights: the format, 0 for panels, then zeros. */
const HEADER = 4;

/** Products of channels from which Winograd wins by more than a quarter: 16 to 16 does by 13 % in Node 20. */
const WINOGRAD_PRODUCTS = 512;

/**
 * Weights as `conv-f32` reads them: 16 bytes that say the format, then for each group a `packGemmF32` matrix with
 * rows in the order kernel row, kernel column, channel. Or what Winograd's algorithm multiplies by, where it wins:
 * 3 x 3 of stride 1, 16 to 64 channels 1.35 times as fast in Node 20, 64 to 64 1.7, 128 to 128 1.8 times.
 *
 * @throws {RangeError} when an array is shorter than its shape says, or groups don't divide the channels
 */
export function packConvF32(weights: ConvF32Weights): Float32Array {
  return prefersWinograd(weights) ? packWinogradF32(weights) : packPanelsF32(weights);
}

function prefersWinograd({ window, channelsPerGroup, outputChannels, ...shape }: ConvF32Weights): boolean {
  if (window === undefined || shape.kernelHeight !== 3 || shape.kernelWidth !== 3 || shape.groups !== 1)
    return false;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, outputHeight, outputWidth } = window;
  if (strideHeight * strideWidth * dilationHeight * dilationWidth !== 1) return false;
  // Tiles of 2 x 2 outputs are to be mostly filled, and some of them multiplied together.
  if (Math.min(outputHeight ?? 4, outputWidth ?? 4) < 4) return false;
  return channelsPerGroup * outputChannels >= WINOGRAD_PRODUCTS;
}

function packPanelsF32(weights: ConvF32Weights): Float32Array {
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
