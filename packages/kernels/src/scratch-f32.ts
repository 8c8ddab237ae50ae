import type { Geometry } from './geometry.js';

/** Bytes of gathered rows that stay in the second-level cache beside a panel of weights. */
const GATHERED_BYTES = 131072;
/** Pixels that `assembly/conv-f32/runs.ts` lists at a time, and how many of them may need a copy. */
const LISTED_PIXELS = 64;
const COPIES = 20;
/** Channels from which a run of one tap is long enough. */
const LONG = 64;
const SLACK_BYTES = 16;

/** Scratch bytes for `conv-f32` whatever way its weights are packed. */
export function convF32ScratchBytes(geometry: Geometry): number {
  const direct = directScratchBytes(geometry);
  return isWinograd(geometry) ? Math.max(direct, winogradScratchBytes(geometry)) : direct;
}

/** By the rules of `assembly/conv-f32/simd.ts`. */
function directScratchBytes(geometry: Geometry): number {
  const { kernelHeight, kernelWidth, groups } = geometry;
  const channels = geometry.inputChannels / groups;
  const outputs = geometry.outputChannels / groups;
  const k = kernelHeight * kernelWidth * channels;
  const ofRows = kernelWidth === 1 || (channels < LONG && groups === 1 && geometry.dilationWidth === 1);
  const runs = ofRows ? kernelHeight : kernelHeight * kernelWidth;
  const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
  if (runs * outputs >= k) {
    const rows = Math.min(Math.max(4, Math.floor(GATHERED_BYTES / aligned(k))), Math.max(pixels, 1));
    return rows * aligned(k) + SLACK_BYTES;
  }
  const runBytes = aligned(k / runs);
  const copyBytes = ofRows ? COPIES * kernelHeight * runBytes : 0;
  return runBytes + LISTED_PIXELS * runs * 4 + copyBytes + SLACK_BYTES;
}

function isWinograd(geometry: Geometry): boolean {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, groups } =
    geometry;
  const ones = [strideHeight, strideWidth, dilationHeight, dilationWidth, groups];
  return kernelHeight === 3 && kernelWidth === 3 && ones.every((one) => one === 1);
}

/** By the rules of `assembly/conv-f32/winograd.ts`: zeros, addresses, transformed inputs, products. */
function winogradScratchBytes(geometry: Geometry): number {
  const tiles = geometry.inputChannels <= 128 ? 32 : 16;
  const pixel = aligned(geometry.inputChannels);
  return pixel + tiles * 64 + 16 * (tiles * pixel + 64) + 16 * (tiles * 256 + 64);
}

/** Bytes of staged rows that fit the first-level cache beside their weights. */
const STAGED_BYTES = 32768;

/** Scratch bytes for `depthwise-conv-f32`, by the rules of its `assembly/depthwise-conv-f32/simd.ts`. */
export function depthwiseF32ScratchBytes(geometry: Geometry): number {
  const { kernelHeight, kernelWidth, strideWidth, dilationWidth, outputWidth } = geometry;
  const pixels = kernelWidth === 3 && strideWidth === 2 && dilationWidth === 1 ? 3 : 4;
  const lastColumn = (Math.ceil(outputWidth / pixels) * pixels - 1) * strideWidth;
  const columns = lastColumn + (kernelWidth - 1) * dilationWidth + 1;
  // The ring and a row of zeros.
  const rows = (kernelHeight - 1) * geometry.dilationHeight + 2;
  const groups = Math.ceil(geometry.outputChannels / 4);
  const fitting = Math.floor(STAGED_BYTES / (rows * columns * 16)) & ~3;
  const block = Math.min(groups, Math.max(4, fitting));
  return aligned(kernelHeight) + rows * block * columns * 16;
}

/** Bytes of `floats` floats in steps of 16. */
function aligned(floats: number): number {
  return Math.ceil(floats / 4) * 16;
}
