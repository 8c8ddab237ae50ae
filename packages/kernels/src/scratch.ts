import type { Geometry } from './geometry.js';

/** Bytes of gathered rows that stay in the second-level cache beside a panel of weights. */
const BLOCK_BYTES = 131072;
const SLACK_BYTES = 16;

/** Scratch bytes for `gemm-i8` with rows of length k: enough for a fast block of rows, at least four. */
export function gemmI8ScratchBytes(m: number, k: number): number {
  return blockBytes(Math.ceil((k * 2) / 16) * 16, m);
}

/** Scratch bytes for `conv-f32` (elementBytes 4) or `conv-i8` (elementBytes 2: rows are widened to int16). */
export function convScratchBytes(geometry: Geometry, elementBytes: 2 | 4): number {
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
  const taps = geometry.kernelHeight * geometry.kernelWidth;
  const row = Math.ceil((geometry.inputChannels * elementBytes) / 32) * 32;
  return row + (taps + 1) * 4;
}
