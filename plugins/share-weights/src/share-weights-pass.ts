import {
  CodebookEncoding,
  type Encoding,
  type Executor,
  elementCount,
  forOp,
  type Model,
  type Pass,
  type PassContext,
  type PassResult,
  unmatchedKeys,
  type Value,
  type Weight,
  walkEncoding,
} from '@espalier/core';
import { biasesOf } from './biases.js';
import type { BudgetOptions } from './budget-options.js';
import { assertFinite } from './finite.js';
import { type ShareWeightsOptions, shareWeightsOptions } from './options.js';
import { shareWeight } from './share-weight.js';
import { sharedEncoding } from './shared-encoding.js';

export const SHARE_WEIGHTS = 'share-weights';

/**
 * Lets the weights of a tensor share a few values, found by one-dimensional k-means. Deep Compression
 * (arXiv:1510.00149), section 3; with `finetune` the values are trained too.
 *
 * Zeros stay zeros. A weight that has a codebook or a quantization is left alone, so that a second run
 * changes nothing; so is one that would not take fewer bytes.
 */
export class ShareWeightsPass implements Pass<ShareWeightsOptions> {
  readonly name: string = SHARE_WEIGHTS;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune'];
  readonly before: readonly string[] = ['quantize', 'huffman'];
  readonly establishes: readonly string[] = ['codebook'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  readonly #executor: Executor | null;

  /** @param executor - what outputs are measured by, for a budget; null where there is none */
  constructor(executor: Executor | null) {
    this.#executor = executor;
  }

  requires({ finetune, budget }: Readonly<ShareWeightsOptions>): readonly ('train' | 'calibration')[] {
    const measured = budget !== null && budget.maxAccuracyDrop !== null;
    return [
      ...(finetune === null ? [] : (['train'] as const)),
      ...(measured ? (['calibration'] as const) : []),
    ];
  }

  async run(model: Model, context: PassContext<ShareWeightsOptions>): Promise<PassResult> {
    const { minElements } = context.options;
    const weights = model.weights().filter(({ encoding }) => elementCount(encoding.dims) >= minElements);
    for (const { name, node, op, encoding } of weights)
      assertFinite(`weight "${name}"`, encoding, `node "${node.name}" (${op})`);
    for (const key of unmatchedKeys(context.options.bits, model.weights())) {
      context.log.warn(`share-weights: no weight is named "${key}"`);
    }
    const biases = context.options.biasBits === 0 ? [] : biasesOf(model);
    for (const { name, constant } of biases)
      if (constant !== null) assertFinite(`bias "${name}"`, constant, name);
    const total = weights.length + biases.length;
    const { budget } = context.options;
    const chosen = budget === null ? null : await this.#choose(model, weights, budget, context);
    let modified = false;
    for (const [i, weight] of weights.entries()) {
      const bits = chosen?.get(weight.name) ?? bitsOf(weight, context.options);
      modified = replaceShared(model, weight, bits, context) || modified;
      await context.progress(i + 1, total, weight.name);
    }
    for (const [i, bias] of biases.entries()) {
      modified = shareBias(model, bias, context) || modified;
      await context.progress(weights.length + i + 1, total, bias.name);
    }
    const { finetune } = context.options;
    if (finetune === null) return { modified };
    if (!modified) {
      context.log.warn('share-weights: nothing was shared, so nothing is trained');
      return { modified };
    }
    const { trainCentroids } = await import('./train-centroids.js');
    await trainCentroids(model, context, finetune);
    return { modified };
  }

  async #choose(
    model: Model,
    weights: readonly Weight[],
    budget: BudgetOptions,
    context: PassContext<ShareWeightsOptions>,
  ): Promise<ReadonlyMap<string, number>> {
    const { chooseBits } = await import('./choose-bits.js');
    return chooseBits(model, weights, budget, this.#executor, context);
  }
}

function bitsOf(weight: Weight, { bits }: Readonly<ShareWeightsOptions>): number {
  return forOp(bits, shareWeightsOptions.defaults.bits, weight);
}

/** Returns whether the weight's encoding changed. */
function replaceShared(
  model: Model,
  weight: Weight,
  bits: number,
  context: PassContext<ShareWeightsOptions>,
): boolean {
  const { log, count } = context;
  const shared = shareWeight(weight, bits, context);
  if (shared.encoding === null) {
    log.debug(`${weight.name}: left as it is, ${shared.because}`);
    return false;
  }
  const { encoding } = shared;
  model.replaceWeight(weight, encoding);
  const centroids = centroidsIn(encoding);
  count('weights.shared', elementCount(encoding.dims));
  count('codebook.centroids', centroids);
  log.debug(`${weight.name}: ${elementCount(encoding.dims)} weights share ${centroids} values`);
  return true;
}

/** Returns whether the encoding of the biases changed. */
function shareBias(
  model: Model,
  bias: Value,
  { options, random, log, count }: PassContext<ShareWeightsOptions>,
): boolean {
  const { constant } = bias;
  if (constant === null) return false;
  const stream = random.fork(bias.name);
  const { biasBits: bits, init, entropy, centroids } = options;
  const shared = sharedEncoding(constant, null, {
    bits,
    init,
    entropy,
    random: () => stream.next(),
    centroids,
  });
  if (shared === null || shared.byteLength >= constant.byteLength) return false;
  model.graph.replaceConstant(bias, shared);
  count('biases.shared', elementCount(shared.dims));
  log.debug(`${bias.name}: ${elementCount(shared.dims)} biases share ${centroidsIn(shared)} values`);
  return true;
}

function centroidsIn(encoding: Encoding): number {
  let centroids = 0;
  for (const { encoding: part } of walkEncoding(encoding)) {
    if (part instanceof CodebookEncoding) centroids += elementCount(part.children.centroids.dims);
  }
  return centroids;
}
