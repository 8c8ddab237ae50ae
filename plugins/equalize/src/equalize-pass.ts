import type { Executor, Graph, Model, Pass, PassContext, PassResult } from '@espalier/core';
import { absorbBiases } from './absorb-biases.js';
import { Balance } from './balance.js';
import { changeBetween } from './change-between.js';
import { type ChannelExtents, channelExtents } from './channel-extents.js';
import { type Joint, jointOf, reaching, withinBiases, withinBound } from './joint.js';
import type { EqualizeOptions } from './options.js';
import { findPairs, type Pair } from './pairs.js';

export const EQUALIZE = 'equalize';

/**
 * Cross-layer equalization: one factor for each channel between two layers, so that the weights that compute
 * it and those that read it have the same range. The model computes what it computed, but for rounding, unless `relu6` lets it
 * go past bounds, or `absorbBiases` takes off what channels stayed above on calibration data.
 *
 * @see Nagel et al. 2019 (arXiv:1906.04721), sections 4.1.1 to 4.1.3
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

  effectOf({ relu6, absorbBiases }: Readonly<EqualizeOptions>): Pass['effect'] {
    return relu6 === 'keep' && !absorbBiases ? 'exact' : 'lossy';
  }

  requires(options: Readonly<EqualizeOptions>): readonly 'calibration'[] {
    return wantsData(options) ? ['calibration'] : [];
  }

  async run(model: Model, context: PassContext<EqualizeOptions>): Promise<PassResult> {
    const { options, count, progress } = context;
    const { joints, absorbed } = await this.#joints(model, context);
    const balance = new Balance(joints);
    for (let round = 0; round < options.rounds; round++) {
      const change = balance.turn();
      await progress(round + 1, options.rounds);
      if (change === 0) break;
    }
    const scaled = joints.reduce((sum, joint) => sum + write(model.graph, joint, options), 0);
    count('biases.absorbed', absorbed);
    count('channels.equalized', scaled);
    return { modified: scaled > 0 || absorbed > 0 };
  }

  async #joints(
    model: Model,
    context: PassContext<EqualizeOptions>,
  ): Promise<{ readonly joints: readonly Joint[]; readonly absorbed: number }> {
    const { options } = context;
    const pairs = findPairs(model.graph, options.relu6 !== 'keep');
    const isMeasured = pairs.length > 0 && wantsData(options);
    const measured = isMeasured
      ? await channelExtents(model, pairs, this.#executor, context)
      : new Map<Pair, ChannelExtents>();
    let absorbed = 0;
    const extents = new Map(measured);
    for (const [pair, own] of options.absorbBiases ? measured : []) {
      const result = absorbBiases(model.graph, pair, own);
      extents.set(pair, result.extents);
      absorbed += result.absorbed;
    }
    return { joints: pairs.map((pair) => limited(jointOf(pair), extents.get(pair), options)), absorbed };
  }
}

/** With what its factors are to heed. */
function limited(
  joint: Joint,
  extents: ChannelExtents | undefined,
  { ranges, relu6 }: Readonly<EqualizeOptions>,
): Joint {
  if (extents === undefined) return withinBiases(joint);
  const own = ranges === 'weights' ? withinBiases(joint) : reaching(joint, extents, relu6 !== 'replace');
  return relu6 === 'within' ? withinBound(own, extents) : own;
}

/** Whether something is measured. */
function wantsData({ relu6, ranges, absorbBiases }: Readonly<EqualizeOptions>): boolean {
  return relu6 === 'within' || ranges !== 'weights' || absorbBiases;
}

/** Puts the factors of a joint into the layers beside it. Returns how many channels have one. */
function write(graph: Graph, { pair, factors: factor }: Joint, { relu6 }: Readonly<EqualizeOptions>): number {
  const scaled = factor.reduce((sum, f) => sum + (f === 1 ? 0 : 1), 0);
  if (scaled === 0 || !changeBetween(graph, pair, { factor, shift: new Float64Array(factor.length) }))
    return 0;
  // Its bound has no meaning for channels that were scaled.
  if (pair.clip !== null && relu6 === 'replace')
    graph.replaceNode(pair.clip.node, { op: 'Relu', inputs: [pair.clip.node.inputs[0] ?? null] });
  return scaled;
}
