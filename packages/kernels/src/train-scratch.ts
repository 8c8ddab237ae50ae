import type { Geometry } from './geometry.js';
import { packedGemmF32Bytes } from './pack-gemm-f32.js';

/** Bytes of products that stay in the second-level cache. */
const PRODUCT_BYTES = 131072;
/** Floats of a block of gathered inputs, as in assembly/conv-weight-gradient-f32/block.ts. */
const BLOCK_FLOATS = 65536;
const SLACK_BYTES = 16;

/** Scratch bytes for `conv-input-gradient-f32`: rows of one product, as many as stay in the cache. */
export function convInputGradientScratchBytes(geometry: Geometry): number {
  const rowBytes = aligned(columnsOf(geometry));
  const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
  const rows = Math.min(Math.max(8, Math.floor(PRODUCT_BYTES / rowBytes)), Math.max(pixels, 1));
  return rows * rowBytes + SLACK_BYTES;
}

/** Scratch bytes for `conv-weight-gradient-f32`, by the rules of its `assembly/conv-weight-gradient-f32/simd.ts`. */
export function convWeightGradientScratchBytes(geometry: Geometry): number {
  const columns = columnsOf(geometry);
  const block = Math.max(16, Math.min(256, Math.floor(BLOCK_FLOATS / columns) & ~3));
  const outputs = geometry.outputChannels / geometry.groups;
  const gathered = block * aligned(columns) + SLACK_BYTES + packedGemmF32Bytes(columns, block);
  return gathered + aligned(outputs * columns) + outputs * block * 4;
}

/** Floats of transformed inputs and gradients at a time, as in assembly/conv-weight-gradient-winograd-f32/simd.ts. */
const WINOGRAD_FLOATS = 131072;

/**
 * Scratch bytes for `conv-weight-gradient-winograd-f32`, by the rules of its `simd.ts`: zeros, addresses of a tile, panels,
 * sums.
 */
export function convWeightGradientWinogradScratchBytes({ inputChannels, outputChannels }: Geometry): number {
  const channels = inputChannels + outputChannels;
  const tiles = Math.max(8, Math.min(64, Math.floor(WINOGRAD_FLOATS / (channels * 16)) & ~7));
  const zeros = Math.max(inputChannels, outputChannels) * 4;
  return zeros + 64 + (tiles * channels * 4 + 128) * 16 + inputChannels * outputChannels * 64;
}

function columnsOf({ kernelHeight, kernelWidth, inputChannels, groups }: Geometry): number {
  return kernelHeight * kernelWidth * (inputChannels / groups);
}

/** Bytes of `floats` floats in steps of 16. */
function aligned(floats: number): number {
  return Math.ceil(floats / 4) * 16;
}
