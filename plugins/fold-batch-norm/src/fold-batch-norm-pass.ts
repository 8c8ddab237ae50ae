import {
  type FoldOutcome,
  foldIntoLayerBefore,
  foldIntoLayerBehind,
  type Graph,
  type Model,
  type Node,
  type Pass,
  type PassContext,
  type PassResult,
  readBatchNorm,
} from '@espalier/core';
import type { FoldBatchNormOptions } from './options.js';

export const FOLD_BATCH_NORM = 'fold-batch-norm';

/**
 * Folds batch normalization into the weights and bias of the layer beside it.
 *
 * At inference a norm is y = a * x + b for each channel. Behind Conv, ConvTranspose, Gemm and MatMul
 * that is another weight and bias. Before them it is one too, but for zero padding: padding is not
 * normalized. Jacob et al. 2018 (arXiv:1712.05877), section 3.2.
 *
 * Arithmetic is in double, rounded once to the weights' type. What is pruned stays zero, and what is
 * quantized keeps its codes. Norms that can't be folded stay as they are, and are counted.
 */
export class FoldBatchNormPass implements Pass<FoldBatchNormOptions> {
  readonly name: string = FOLD_BATCH_NORM;
  readonly effect: Pass['effect'] = 'exact';
  readonly establishes: readonly string[] = ['folded-norms'];
  readonly preserves: readonly string[] = ['sparsity', 'quantization', 'folded-norms'];
  /** A codebook for all channels would need other centroids in each. */
  readonly breaks: readonly string[] = ['codebook'];

  async run(model: Model, context: PassContext<FoldBatchNormOptions>): Promise<PassResult> {
    const { options, log, count } = context;
    const { graph } = model;
    const norms = graph.nodesOf('BatchNormalization');
    let done = 0;
    for (const [i, norm] of norms.entries()) {
      const outcome = fold(graph, norm, options.into);
      if (outcome.kind === 'folded') done++;
      else {
        count('norms.kept', 1);
        const message = `The norm "${norm.name}" stays: ${outcome.why}.`;
        if (outcome.near) log.warn(message);
        else log.info(message);
      }
      await context.progress(i + 1, norms.length, norm.name);
    }
    if (done > 0) graph.removeDead();
    count('norms.folded', done);
    return { modified: done > 0 };
  }
}

function fold(graph: Graph, norm: Node, into: FoldBatchNormOptions['into']): FoldOutcome {
  const usesStatistics = norm.outputs.slice(1).some((output) => graph.uses(output).size > 0);
  if (usesStatistics) return { kind: 'kept', why: 'its statistics are read', near: true };
  const [input] = norm.inputs;
  const affine = readBatchNorm(norm);
  if (typeof affine === 'string') return { kind: 'kept', why: affine, near: true };
  if (into === 'behind') return foldIntoLayerBehind(graph, norm, input, affine);
  const before = foldIntoLayerBefore(graph, norm, input, affine);
  if (before.kind === 'folded' || into === 'before') return before;
  const behind = foldIntoLayerBehind(graph, norm, input, affine);
  // Where both are refused, the layer that is there says more than the one that is not.
  return behind.kind === 'folded' || (behind.near && !before.near) ? behind : before;
}
