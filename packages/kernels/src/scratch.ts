import type { Geometry } from './geometry.js';
import { convF32ScratchBytes, depthwiseF32ScratchBytes } from './scratch-f32.js';
import { convI8ScratchBytes } from './scratch-i8.js';

/** Scratch bytes for `conv-f32` (elementBytes 4) or `conv-i8` (elementBytes 2). */
export function convScratchBytes(geometry: Geometry, elementBytes: 2 | 4): number {
  return elementBytes === 2 ? convI8ScratchBytes(geometry) : convF32ScratchBytes(geometry);
}

/** Scratch bytes for `depthwise-conv-f32` (elementBytes 4) or `depthwise-conv-i8` (elementBytes 1). */
export function depthwiseScratchBytes(geometry: Geometry, elementBytes: 1 | 4): number {
  return elementBytes === 1 ? depthwiseI8ScratchBytes(geometry) : depthwiseF32ScratchBytes(geometry);
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
