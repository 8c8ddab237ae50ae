import type { Geometry } from './geometry.js';
import { convI8ScratchBytes } from './scratch-i8.js';

/** Bytes of gathered rows that stay in the second-level cache beside a panel of weights. */
const BLOCK_BYTES = 131072;
const SLACK_BYTES = 16;

/** Scratch bytes for `conv-f32` (elementBytes 4) or `conv-i8` (elementBytes 2). */
export function convScratchBytes(geometry: Geometry, elementBytes: 2 | 4): number {
  if (elementBytes === 2) return convI8ScratchBytes(geometry);
  const channels = geometry.inputChannels / geometry.groups;
  const k = geometry.kernelHeight * geometry.kernelWidth * channels;
  return blockBytes(Math.ceil((k * elementBytes) / 16) * 16, geometry.outputHeight * geometry.outputWidth);
}

function blockBytes(rowBytes: number, rows: number): number {
  const wanted = Math.max(4, Math.floor(BLOCK_BYTES / Math.max(rowBytes, 16)));
  return Math.min(Math.max(rows, 1), wanted) * rowBytes + SLACK_BYTES;
}

/** Scratch bytes for `depthwise-conv-f32` (elementBytes 4) or `depthwise-conv-i8` (elementBytes 1). */
export function depthwiseScratchBytes(geometry: Geometry, elementBytes: 1 | 4): number {
  if (elementBytes === 1) return depthwiseI8ScratchBytes(geometry);
  const taps = geometry.kernelHeight * geometry.kernelWidth;
  const row = Math.ceil((geometry.inputChannels * elementBytes) / 32) * 32;
  return row + (taps + 1) * 4;
}

/** What assembly/depthwise-conv-i8/simd.ts divides up: pairs of rows as int16, and little beside them. */
function depthwiseI8ScratchBytes(geometry: Geometry): number {
  const { inputChannels, outputWidth, kernelHeight, kernelWidth, dilationHeight } = geometry;
  const lastColumn = (Math.ceil(outputWidth / 4) * 4 - 1) * geometry.strideWidth;
  const columns = lastColumn + (kernelWidth - 1) * geometry.dilationWidth + 1;
  const pairs = (kernelHeight >> 1) + 1;
  const pairBytes = Math.ceil(inputChannels / 8) * 2 * columns * 16;
  const padding = Math.ceil(inputChannels / 16) * 16;
  const numbers = (pairs * dilationHeight + pairs) * 4;
  return padding + Math.ceil(numbers / 16) * 16 + pairs * dilationHeight * pairBytes;
}
