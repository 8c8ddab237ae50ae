import { type ChannelMap, channelAt } from '@espalier/core';

/** The largest magnitude of the weights of each channel. */
export function channelRanges(weights: Float32Array, map: ChannelMap, count: number): Float64Array {
  const ranges = new Float64Array(count);
  for (let i = 0; i < weights.length; i++) {
    const channel = channelAt(map, i);
    ranges[channel] = Math.max(ranges[channel] as number, Math.abs(weights[i] as number)); // both in range
  }
  return ranges;
}

/** Channels are scaled by no more than this, either way: what is all but dead is not blown up. */
const mostFactor = 2 ** 10;

/**
 * By what each channel between two layers is divided before and multiplied behind, so that both have the same
 * range in it: sqrt(r1 r2) / r2. 1 where either is zero.
 *
 * @param before - ranges of the weights that compute the channels
 * @param behind - ranges of the weights that read them
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.1
 */
export function equalizingFactors(before: Float64Array, behind: Float64Array): Float64Array {
  return before.map((r1, c) => {
    const r2 = behind[c] as number; // as many channels in both
    if (!(r1 > 0 && r2 > 0)) return 1;
    return Math.min(mostFactor, Math.max(1 / mostFactor, Math.sqrt(r1 * r2) / r2));
  });
}

/**
 * Factors under which a channel that stays below a bound stays below it, and one that reaches it is what it was: dividing
 * by a factor of at least peak / bound keeps the peak within the bound.
 *
 * @param peaks - the largest value of each channel, before it is bounded
 */
export function factorsWithin(factors: Float64Array, peaks: Float64Array, bound: number): Float64Array {
  return factors.map((factor, c) => {
    const least = (peaks[c] ?? Infinity) / bound;
    return least >= 1 ? 1 : Math.max(factor, least);
  });
}
