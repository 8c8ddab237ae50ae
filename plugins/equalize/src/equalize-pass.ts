import type { Executor, Graph, Model, Pass, PassContext, PassResult } from '@espalier/core';
import { channelPeaks } from './channel-peaks.js';
import { Balance, type Joint, jointOf, within } from './joints.js';
import type { EqualizeOptions } from './options.js';
import { findPairs } from './pairs.js';
import { scaleBetween } from './scale-between.js';

export const EQUALIZE = 'equalize';

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
    const joints = await this.#joints(model, context);
    const balance = new Balance(joints);
    for (let round = 0; round < options.rounds; round++) {
      const change = balance.turn();
      await progress(round + 1, options.rounds);
      if (change === 0) break;
    }
    const scaled = joints.reduce((sum, joint) => sum + write(model.graph, joint, options), 0);
    count('channels.equalized', scaled);
    return { modified: scaled > 0 };
  }

  async #joints(model: Model, context: PassContext<EqualizeOptions>): Promise<readonly Joint[]> {
    const { relu6 } = context.options;
    const joints = findPairs(model.graph, relu6 !== 'keep').map(jointOf);
    const clipped = joints.flatMap(({ pair }) => (pair.clip === null ? [] : pair));
    if (relu6 !== 'within' || clipped.length === 0) return joints;
    const peaks = await channelPeaks(model, clipped, this.#executor, context);
    return joints.map((joint) => {
      const [{ clip }, own] = [joint.pair, peaks.get(joint.pair)];
      return clip === null || own === undefined ? joint : within(joint, own, clip.high);
    });
  }
}

/** Puts the factors of a joint into the weights beside it. Returns how many channels have one. */
function write(graph: Graph, { pair, factors }: Joint, { relu6 }: Readonly<EqualizeOptions>): number {
  const scaled = factors.reduce((sum, factor) => sum + (factor === 1 ? 0 : 1), 0);
  if (scaled === 0 || !scaleBetween(graph, pair, factors)) return 0;
  // Its bound has no meaning for channels that were scaled.
  if (pair.clip !== null && relu6 === 'replace')
    graph.replaceNode(pair.clip.node, { op: 'Relu', inputs: [pair.clip.node.inputs[0] ?? null] });
  return scaled;
}
