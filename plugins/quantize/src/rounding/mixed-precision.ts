import { type Candidate, type Tradeoff, totalBytes, tradeoff } from '@espalier/core';

/** Widths that are given, from the widest down. */
export const bitWidths: readonly number[] = [8, 6, 5, 4, 3, 2];

/** A layer's weights at one width: bytes as they are stored, and the error of its output over its signal, as powers. */
export interface WidthCandidate extends Candidate {
  readonly bits: number;
}

/** A layer whose width is open. */
export interface OpenLayer {
  readonly name: string;
  /** One for each of `bitWidths`, in that order. */
  readonly candidates: readonly WidthCandidate[];
}

/**
 * All ways to share bytes among layers, as far as no layer's output falls below `leastDb`.
 *
 * @see Dong et al. 2019 (arXiv:1905.03696), for sensitivities by layer; here they are measured, not the curvature of a loss
 */
export function widthChoices(layers: readonly OpenLayer[], leastDb: number): Tradeoff<WidthCandidate> {
  // Products, not powers: their last bit is the same in every engine.
  const mostNoise = inverseOfDecibels(leastDb);
  return tradeoff(
    layers.map(({ candidates }) => candidates.filter(({ error }, i) => i === 0 || error <= mostNoise)),
  );
}

/**
 * Bytes of all layers at so many bits a code. From the widest to the narrowest a code loses six bits: what a layer loses then
 * tells how many codes it has, be they fewer than its weights, as in sparse ones.
 */
export function bytesAtAverage(layers: readonly OpenLayer[], averageBits: number): number {
  const [widest, narrowest] = [0, bitWidths.length - 1].map((at) =>
    totalBytes(layers.flatMap(({ candidates }) => candidates[at] ?? [])),
  );
  const [most = 8, least = 2] = [bitWidths[0], bitWidths.at(-1)];
  return (widest ?? 0) - (((widest ?? 0) - (narrowest ?? 0)) * (most - averageBits)) / (most - least);
}

/** 10^(-dB / 10) for whole decibels, by products of the tenth root of ten. */
function inverseOfDecibels(decibels: number): number {
  const tenthRoot = 1.2589254117941673;
  let noise = 1;
  for (let i = 0; i < decibels; i++) noise /= tenthRoot;
  return noise;
}
