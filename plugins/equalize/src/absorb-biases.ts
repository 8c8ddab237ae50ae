import type { Graph } from '@espalier/core';
import { changeBetween } from './change-between.js';
import type { ChannelExtents } from './channel-extents.js';
import type { Pair } from './pairs.js';

/** What is less than this share of what a channel reaches is not worth it. */
const leastShare = 0.01;

/**
 * What each channel between two layers can do without: it never falls below, ReLU(x - c) = ReLU(x) - c where x >= c >= 0. The paper takes
 * mean - 3 deviations of a batch norm for c; that of batch norms that are folded is not known any more, and the least that data
 * show keeps outputs on these data as they are.
 *
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.1.3
 */
export function absorbable({ clip, takesShift }: Pair, { least, most }: ChannelExtents): Float64Array {
  return least.map((low, c) => {
    const high = most[c] as number; // as many channels in both
    const isCut = clip !== null && high > clip.high;
    return !takesShift || isCut || !(low > leastShare * high) ? 0 : low;
  });
}

/**
 * Takes off channels what they never fall below, and gives the layer behind what that adds up to.
 *
 * @returns how many channels changed, and how far they all go now
 */
export function absorbBiases(
  graph: Graph,
  pair: Pair,
  extents: ChannelExtents,
): { readonly absorbed: number; readonly extents: ChannelExtents } {
  const shift = absorbable(pair, extents);
  const absorbed = shift.reduce((sum, amount) => sum + (amount > 0 ? 1 : 0), 0);
  const factor = new Float64Array(shift.length).fill(1);
  if (absorbed === 0 || !changeBetween(graph, pair, { factor, shift })) return { absorbed: 0, extents };
  const less = (values: Float64Array): Float64Array => values.map((x, c) => x - (shift[c] as number)); // as many
  return { absorbed, extents: { least: less(extents.least), most: less(extents.most) } };
}
