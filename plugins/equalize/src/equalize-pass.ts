import type { Model, Pass, PassContext, PassResult } from '@espalier/core';
import { equalizingFactors } from './channel-ranges.js';
import type { EqualizeOptions } from './options.js';
import { findPairs, type Pair, pairOf, rangesOf, scaleBetween } from './pairs.js';

export const EQUALIZE = 'equalize';

/** A round in which no channel changes by more than this share is the last. */
const settled = 0.01;

/**
 * Cross-layer equalization: one factor for each channel between two layers, so that the weights that compute
 * it and those that read it have the same range. The model computes what it computed, but for rounding.
 *
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.1
 */
export class EqualizePass implements Pass<EqualizeOptions> {
  readonly name: string = EQUALIZE;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse'];
  readonly before: readonly string[] = ['quantize', 'huffman', 'range-coder'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  async run(model: Model, { options, count, progress }: PassContext<EqualizeOptions>): Promise<PassResult> {
    const touched = new Set<string>();
    for (let round = 0; round < options.rounds; round++) {
      let most = 0;
      for (const name of findPairs(model.graph).map(({ before }) => before.weight.name)) {
        // Scaling a pair makes new layers of it: each is looked up when its turn comes.
        const pair = pairOf(model.graph, name);
        if (pair !== null) most = Math.max(most, equalized(model, pair, touched));
      }
      await progress(round + 1, options.rounds);
      if (most <= settled) break;
    }
    count('channels.equalized', touched.size);
    return { modified: touched.size > 0 };
  }
}

/** The largest share by which a channel of the pair changed. */
function equalized(model: Model, pair: Pair, touched: Set<string>): number {
  const { before, behind } = rangesOf(pair);
  const factors = equalizingFactors(before, behind);
  const change = factors.reduce((most, factor) => Math.max(most, Math.abs(factor - 1)), 0);
  if (change <= settled || !scaleBetween(model.graph, pair, factors)) return 0;
  for (const [c, factor] of factors.entries())
    if (factor !== 1) touched.add(`${pair.before.weight.name} ${c}`);
  return change;
}
