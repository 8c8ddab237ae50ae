import type { Geometry } from './geometry.js';

/** Bytes of gathered rows that stay in the second-level cache beside a panel of weights. */
const GATHERED_BYTES = 131072;
/** Pixels that `assembly/conv-f32/runs.ts` lists at a time, and how many of them may need a copy. */
const LISTED_PIXELS = 64;
const COPIES = 20;
/** Channels from which a run of one tap is long enough. */
const LONG = 64;
const SLACK_BYTES = 16;

/** Scratch bytes for `conv-f32`, by the rules of its `assembly/conv-f32/simd.ts`. */
export function convF32ScratchBytes(geometry: Geometry): number {
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

/** Bytes of `floats` floats in steps of 16. */
function aligned(floats: number): number {
  return Math.ceil(floats / 4) * 16;
}
