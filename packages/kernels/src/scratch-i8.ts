import type { Geometry } from './geometry.js';

/** Bytes of activations that stay in the second-level cache beside panels of weights. */
const BLOCK_BYTES = 196608;
/** Bytes of transformed tiles: 16 of 512 channels, enough for an image of 7 x 7 at once. */
const WINOGRAD_BYTES = 294912;
/** What kernels keep beside them, and may write past them. */
const FIXED_BYTES = 512;
/** Rows of a tile: the most of any format. */
const TILE_ROWS = 6;

/** Scratch bytes for `gemm-i8` with rows of length k: enough for a fast block of rows, at least one tile. */
export function gemmI8ScratchBytes(m: number, k: number): number {
  const rowBytes = Math.ceil(k / 8) * 16;
  const wanted = Math.floor(BLOCK_BYTES / Math.max(rowBytes, 16));
  return Math.max(Math.min(m, wanted), TILE_ROWS) * rowBytes + FIXED_BYTES;
}

/** Scratch bytes for `conv-i8`, whatever way it goes: a band of input rows as int16, see assembly/conv-i8/band.ts. */
export function convI8ScratchBytes(geometry: Geometry): number {
  const { outputHeight, outputWidth, kernelHeight, kernelWidth, strideHeight, strideWidth } = geometry;
  const channels = geometry.inputChannels / geometry.groups;
  const line = (outputWidth - 1) * strideWidth + (kernelWidth - 1) * geometry.dilationWidth + 1;
  const columns =
    Math.min(kernelWidth, strideWidth) * planeBytes(outputWidth + (kernelWidth - 1) * geometry.dilationWidth);
  const taps = Math.ceil(channels / 2) * columns;
  const runs = Math.ceil((channels * kernelWidth) / 2) * planeBytes(outputWidth);
  const rowBytes = channels < 4 ? Math.max(taps, runs) : taps;
  const reach = (kernelHeight - 1) * geometry.dilationHeight + 1;
  const wanted = Math.max(Math.floor(BLOCK_BYTES / Math.max(rowBytes, 1)), reach);
  const all = (outputHeight - 1) * strideHeight + reach;
  const lines = (kernelHeight * 4 + 16) * kernelWidth + (channels < 4 ? line * channels * 2 : 0);
  const band = Math.min(wanted, all) * rowBytes + lines + FIXED_BYTES;
  return Math.max(band, winogradBytes(geometry), gemmI8ScratchBytes(outputHeight * outputWidth, channels));
}

/** What assembly/conv-i8/winograd.ts divides up, where weights may have been packed for it. */
function winogradBytes(geometry: Geometry): number {
  const { inputWidth, inputChannels, outputHeight, outputWidth, kernelHeight, kernelWidth, groups } =
    geometry;
  if (kernelHeight !== 3 || kernelWidth !== 3 || groups !== 1) return 0;
  const tilesX = Math.ceil(outputWidth / 2);
  const line = Math.ceil(((2 * tilesX + 2) * inputChannels * 2) / 16) * 16 + 32;
  const group = 16 * (128 + Math.ceil(inputChannels / 8) * 64);
  const wanted = Math.max(Math.floor(WINOGRAD_BYTES / group), 1);
  const count = Math.min(Math.ceil((Math.ceil(outputHeight / 2) * tilesX) / 4), wanted);
  return inputWidth * inputChannels + 16 * line + count * group + 2048 + FIXED_BYTES;
}

function planeBytes(width: number): number {
  return Math.ceil(width / 4) * 16 + 16;
}
