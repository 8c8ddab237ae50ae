import type { Executor, Graph, Model, Pass, PassContext, PassResult } from '@espalier/core';
import { channelPeaks } from './channel-peaks.js';
import { equalizingFactors, factorsWithin } from './channel-ranges.js';
import type { EqualizeOptions } from './options.js';
import { findPairs, type Pair, pairOf, rangesOf, scaleBetween, type UpperClip } from './pairs.js';

export const EQUALIZE = 'equalize';

/** A round in which no channel changes by more than this share is the last. */
const settled = 0.01;

/**
 * Cross-layer equalization: one factor for each channel between two layers, so that the weights that compute
 * it and those that read it have the same range. The model computes what it computed, but for rounding, unless `relu6` lets it
 * go past bounds.
 *
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.1
 */
export class EqualizePass implements Pass<EqualizeOptions> {
  readonly name: string = EQUALIZE;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse'];
  readonly before: readonly string[] = ['quantize', 'huffman', 'range-coder'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  readonly #executor: Executor | null;

  constructor(executor: Executor | null) {
    this.#executor = executor;
  }

  effectOf({ relu6 }: Readonly<EqualizeOptions>): Pass['effect'] {
    return relu6 === 'keep' ? 'exact' : 'lossy';
  }

  requires({ relu6 }: Readonly<EqualizeOptions>): readonly 'calibration'[] {
    return relu6 === 'within' ? ['calibration'] : [];
  }

  async run(model: Model, context: PassContext<EqualizeOptions>): Promise<PassResult> {
    const { options, count, progress } = context;
    const { graph } = model;
    const pastClips = options.relu6 !== 'keep';
    const pairs = findPairs(graph, pastClips);
    const peaks =
      options.relu6 === 'within' && pairs.some(({ clip }) => clip !== null)
        ? new Map(await channelPeaks(model, pairs, this.#executor, context))
        : new Map<string, Float64Array>();
    const touched = new Set<string>();
    for (let round = 0; round < options.rounds; round++) {
      let most = 0;
      for (const name of pairs.map(({ before }) => before.weight.name)) {
        // Scaling a pair makes new layers of it: each is looked up when its turn comes.
        const pair = pairOf(graph, name, pastClips);
        if (pair !== null) most = Math.max(most, equalized(graph, pair, peaks, touched));
      }
      await progress(round + 1, options.rounds);
      if (most <= settled) break;
    }
    count('channels.equalized', touched.size);
    return { modified: touched.size > 0 };
  }
}

/** The largest share by which a channel of the pair changed. */
function equalized(graph: Graph, pair: Pair, peaks: Map<string, Float64Array>, touched: Set<string>): number {
  const { before, behind } = rangesOf(pair);
  const { name } = pair.before.weight;
  const known = peaks.get(name);
  const wanted = equalizingFactors(before, behind);
  const factors =
    pair.clip === null || known === undefined ? wanted : factorsWithin(wanted, known, pair.clip.high);
  const change = factors.reduce((most, factor) => Math.max(most, Math.abs(factor - 1)), 0);
  if (change <= settled || !scaleBetween(graph, pair, factors)) return 0;
  for (const [c, factor] of factors.entries()) if (factor !== 1) touched.add(`${name} ${c}`);
  if (pair.clip === null) return change;
  if (known === undefined) unbound(graph, pair.clip);
  else
    peaks.set(
      name,
      known.map((peak, c) => peak / (factors[c] ?? 1)),
    );
  return change;
}

/** A Relu for a Relu6: its bound has no meaning for channels that were scaled. */
function unbound(graph: Graph, { node }: UpperClip): void {
  graph.replaceNode(node, { op: 'Relu', inputs: [node.inputs[0] ?? null] });
}
