import { readBias } from '@espalier/core';
import type { ChannelExtents } from './channel-extents.js';
import { leastFactors } from './equalizing-factors.js';
import type { Pair } from './pairs.js';

/** The channels between two layers, and what they are scaled by. */
export interface Joint {
  readonly pair: Pair;
  /** Channels are divided by it before and multiplied behind. */
  readonly factors: Float64Array;
  /** Biases of the layer before, unless channels are scaled; zeros where it has none. */
  readonly biases: Float64Array;
  /** The largest magnitude of each channel on calibration data, unless it is scaled; null where nothing was measured. */
  readonly reach: Float64Array | null;
  /** What no factor falls below; none is above 1. */
  readonly least: Float64Array;
  /** Channels that keep the factor 1. */
  readonly fixed: ReadonlySet<number>;
}

/** A joint at which nothing is scaled yet. */
export function jointOf(pair: Pair): Joint {
  const count = pair.before.outputCount;
  return {
    pair,
    factors: new Float64Array(count).fill(1),
    biases: readBias(pair.before) ?? new Float64Array(count),
    reach: null,
    least: new Float64Array(count),
    fixed: new Set(),
  };
}

/** The same joint, with biases that don't grow beyond the largest. */
export function withinBiases(joint: Joint): Joint {
  return { ...joint, least: leastFactors(joint.biases) };
}

/**
 * The same joint, with what its channels reach.
 *
 * @param cuts - whether the upper bound of a Clip between stays
 */
export function reaching(joint: Joint, { least, most }: ChannelExtents, cuts: boolean): Joint {
  const { clip, isRectified } = joint.pair;
  const high = clip !== null && cuts ? clip.high : Infinity;
  const reach = most.map((value, c) =>
    isRectified ? Math.min(high, Math.max(0, value)) : Math.max(Math.abs(value), Math.abs(least[c] ?? 0)),
  );
  return { ...joint, reach };
}

/**
 * The same joint, with channels that stay below the bound of the Clip between as far as they do: dividing by at least peak / bound
 * keeps the peak within it. Channels that reach it stay as they are.
 */
export function withinBound(joint: Joint, { most }: ChannelExtents): Joint {
  const { clip } = joint.pair;
  if (clip === null) return joint;
  const shares = most.map((peak) => Math.max(0, peak) / clip.high);
  const full = Array.from(shares).flatMap((share, c) => (share >= 1 ? [c] : []));
  return {
    ...joint,
    least: shares.map((share, c) => Math.min(1, Math.max(share, joint.least[c] ?? 0))),
    fixed: new Set([...joint.fixed, ...full]),
  };
}
