import {
  CodebookEncoding,
  type Encoding,
  elementCount,
  forOp,
  isFloat,
  type Model,
  ModelError,
  type Pass,
  type PassContext,
  type PassResult,
  toFloat32,
  unmatchedKeys,
  type Value,
  type Weight,
  walkEncoding,
} from '@espalier/core';
import { biasesOf } from './biases.js';
import { type ShareWeightsOptions, shareWeightsOptions } from './options.js';
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
  readonly before: readonly string[] = ['huffman'];
  /** Both choose the values that weights may have. */
  readonly conflictsWith: readonly string[] = ['quantize'];
  readonly establishes: readonly string[] = ['codebook'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  requires({ finetune }: Readonly<ShareWeightsOptions>): readonly 'train'[] {
    return finetune === null ? [] : ['train'];
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
    let modified = false;
    for (const [i, weight] of weights.entries()) {
      modified = shareWeight(model, weight, context) || modified;
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
}

/** Returns whether the weight's encoding changed. */
function shareWeight(model: Model, weight: Weight, context: PassContext<ShareWeightsOptions>): boolean {
  const { options, random, log, count } = context;
  const bits = forOp(options.bits, shareWeightsOptions.defaults.bits, weight);
  const axis = options.granularity === 'channel' ? weight.axis : null;
  // A stream for each weight: what one draws does not depend on those before it.
  const stream = random.fork(weight.name);
  const shared = sharedEncoding(weight.encoding, axis, {
    bits,
    init: options.init,
    random: () => stream.next(),
    centroids: options.centroids,
  });
  if (shared === null || shared.byteLength >= weight.encoding.byteLength) {
    log.debug(
      `${weight.name}: left as it is, ${shared === null ? 'it holds codes already' : 'a codebook costs more than it saves'}`,
    );
    return false;
  }
  model.replaceWeight(weight, shared);
  const centroids = centroidsIn(shared);
  count('weights.shared', elementCount(shared.dims));
  count('codebook.centroids', centroids);
  log.debug(`${weight.name}: ${elementCount(shared.dims)} weights share ${centroids} values`);
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
  const { biasBits: bits, init, centroids } = options;
  const shared = sharedEncoding(constant, null, { bits, init, random: () => stream.next(), centroids });
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

/** @throws {ModelError} where a weight is NaN or infinite: no mean could be near it */
function assertFinite(what: string, root: Encoding, where: string): void {
  for (const { encoding, path } of walkEncoding(root)) {
    // Only what is stored as floats: decoding the whole tree would fill in all that was pruned.
    if (encoding.kind !== 'dense' || !isFloat(encoding.type)) continue;
    const values = toFloat32(encoding.decode());
    const index = indexOfUnbounded(values);
    if (index < 0) continue;
    throw new ModelError({
      what: `The ${what} is ${values[index]} at ${[...path, `element ${index}`].join(', ')} (row-major).`,
      where,
      fix: 'Train or export the model again; such a weight spreads to every output.',
    });
  }
}

/** The index of the first NaN or infinity; -1 where there is none. */
function indexOfUnbounded(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i;
  return -1;
}
