import type { Geometry } from './geometry.js';
import { packedGemmF32Bytes, packGemmF32 } from './pack-gemm-f32.js';
import { requireLength } from './panel.js';

/** float32 weights of a transposed convolution. */
export interface ConvTransposeF32Weights {
  /** shape [groups * channelsPerGroup, outputsPerGroup, kernelHeight, kernelWidth] */
  readonly data: Float32Array;
  readonly groups: number;
  readonly channelsPerGroup: number;
  readonly outputsPerGroup: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/**
 * Weights as `conv-transpose-f32` reads them: for each group and kernel row a `packGemmF32` matrix of the channels, with
 * columns in the order kernel column, output channel.
 *
 * @throws {RangeError} when the array is shorter than its shape says
 */
export function packConvTransposeF32(weights: ConvTransposeF32Weights): Float32Array {
  const { data, groups, channelsPerGroup: k, outputsPerGroup: outputs, kernelHeight, kernelWidth } = weights;
  const n = kernelWidth * outputs;
  const taps = kernelHeight * kernelWidth;
  requireLength('weights', data.length, groups * k * outputs * taps);
  const length = packedGemmF32Bytes(n, k) / 4;
  const packed = new Float32Array(length * groups * kernelHeight);
  const rows = new Float32Array(k * n);
  for (let group = 0; group < groups; group++) {
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = 0;
      for (let channel = group * k; channel < (group + 1) * k; channel++) {
        for (let kx = 0; kx < kernelWidth; kx++) {
          for (let output = 0; output < outputs; output++)
            rows[at++] = data[(channel * outputs + output) * taps + ky * kernelWidth + kx]!;
        }
      }
      const from = (group * kernelHeight + ky) * length;
      const matrix = { data: rows, k, n, rowStride: n, columnStride: 1 };
      packGemmF32(matrix, packed.subarray(from, from + length));
    }
  }
  return packed;
}

/** Scratch bytes for `conv-transpose-f32`: the products of one input row with one kernel row. */
export function convTransposeScratchBytes({
  inputWidth,
  kernelWidth,
  outputChannels,
  groups,
}: Geometry): number {
  return Math.ceil((inputWidth * kernelWidth * (outputChannels / groups)) / 4) * 16;
}
