import {
  type Executor,
  type Model,
  ModelError,
  OptionsError,
  type Pass,
  type PassContext,
  type PassResult,
  toFloat32,
  unmatchedKeys,
  type Weight,
} from '@espalier/core';
import { keepOnly } from './keep-only.js';
import { type Keeper, type KeeperOf, keepers, patternOf } from './keepers.js';
import { countNonZero, indexOfNaN, keptPositions } from './magnitude.js';
import type { PruneOptions } from './options.js';
import type { PrunedLayer } from './prune-and-retrain.js';

export const PRUNE = 'prune';

/**
 * Zeroes the smallest weights, by density or by the threshold of Han et al. 2015 (arXiv:1506.02626),
 * section 3. Ties go to the weight that stands first. The zeros are the invariant `sparsity`.
 *
 * Running it again changes nothing: by density the same weights are the largest, and a threshold of
 * standard deviations falls as weights become zero (unless their mean is far from zero).
 */
export class PrunePass implements Pass<PruneOptions> {
  readonly name: string = PRUNE;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse'];
  readonly before: readonly string[] = ['share-weights', 'quantize', 'huffman'];
  readonly establishes: readonly string[] = ['sparsity'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  readonly #executor: Executor | null;

  /** @param executor - runs the model with one layer pruned, for `by: 'sensitivity'` */
  constructor(executor: Executor | null = null) {
    this.#executor = executor;
  }

  /** Each layer is pruned alone, and the whole model run. */
  cost({ by }: Readonly<PruneOptions>): 'linear' | 'quadratic' {
    return by === 'sensitivity' ? 'quadratic' : 'linear';
  }

  requires({ retrain }: Readonly<PruneOptions>): readonly 'train'[] {
    return retrain === null ? [] : ['train'];
  }

  async run(model: Model, context: PassContext<PruneOptions>): Promise<PassResult> {
    const weights = model.weights();
    for (const weight of weights) assertNumbers(weight);
    for (const setting of [context.options.density, context.options.quality]) {
      for (const key of unmatchedKeys(setting, weights))
        context.log.warn(`prune: no weight is named "${key}"`);
    }
    const options = await this.#settled(model, context);
    const keeperOf = keepers(weights, options);
    const retrained = await retrain(model, weights, keeperOf, { ...context, options });
    let modified = retrained.size > 0;
    for (const [i, weight] of model.weights().entries()) {
      const keeper = retrained.has(weight.name) ? keepAll : keeperOf(weight);
      if (keeper !== null) modified = pruneWeight(model, weight, keeper, context) || modified;
      await context.progress(i + 1, weights.length, weight.name);
    }
    return { modified };
  }

  /** Densities that are asked for in other words, as densities. */
  async #settled(model: Model, context: PassContext<PruneOptions>): Promise<PruneOptions> {
    const { options } = context;
    if (options.pattern !== null && options.by !== 'density') {
      throw new OptionsError({
        what: `The pattern "${options.pattern}" says how much is kept, and so does by: "${options.by}".`,
        where: 'option "by"',
        fix: 'Leave one of them out.',
      });
    }
    if (options.by !== 'sensitivity') return options;
    const { densitiesBySensitivity } = await import('./sensitivity.js');
    const density = await densitiesBySensitivity(model, this.#executor, context);
    return { ...options, by: 'density', scope: 'layer', density };
  }
}

/** Zeros go all the same: they have no place. */
const keepAll: Keeper = (values) => keptPositions(values, { bits: -1, ties: 0 }).positions;

/**
 * Trains the model while it is pruned, where that is asked for and there is something to prune.
 *
 * @returns the names of the weights that are pruned by it: what else is zero in them is to stay
 */
async function retrain(
  model: Model,
  weights: readonly Weight[],
  keeperOf: KeeperOf,
  context: PassContext<PruneOptions>,
): Promise<ReadonlySet<string>> {
  const { options, count, log } = context;
  if (options.retrain === null) return new Set();
  const layers: PrunedLayer[] = [];
  let excess = 0;
  for (const weight of weights) {
    const keeper = keeperOf(weight);
    if (keeper === null) continue;
    const values = toFloat32(weight.decode());
    const keep = keeper(values).length;
    excess += countNonZero(values) - keep;
    layers.push({ name: weight.name, values, keep, along: patternOf(weight, options) });
  }
  if (excess === 0) {
    log.warn('prune: there is nothing to prune, so nothing is retrained');
    return new Set();
  }
  const { pruneAndRetrain } = await import('./prune-and-retrain.js');
  const pruned = await pruneAndRetrain(model, layers, context, options.retrain);
  for (const { name, values, keep } of layers)
    if (pruned.has(name)) count('weights.zeroed', countNonZero(values) - keep);
  return pruned;
}

/** Returns whether the weight's encoding changed. */
function pruneWeight(
  model: Model,
  weight: Weight,
  keeper: Keeper,
  { log, count }: PassContext<PruneOptions>,
): boolean {
  const values = toFloat32(weight.decode());
  const positions = keeper(values);
  const zeroed = countNonZero(values) - positions.length;
  const pruned = keepOnly(weight.encoding, positions);
  // Zeros that were there before are worth a sparse form too, but only where it saves something.
  if (zeroed === 0 && pruned.byteLength >= weight.encoding.byteLength) return false;
  model.replaceWeight(weight, pruned);
  count('weights.zeroed', zeroed);
  log.debug(`${weight.name}: ${zeroed} of ${values.length} weights zeroed, ${positions.length} kept`);
  return true;
}

/** @throws {ModelError} where a weight is NaN: it has no magnitude, and compared it would stay unseen */
function assertNumbers(weight: Weight): void {
  const index = indexOfNaN(toFloat32(weight.decode()));
  if (index < 0) return;
  throw new ModelError({
    what: `The weight "${weight.name}" is NaN at element ${placeOf(index, weight.encoding.dims)}.`,
    where: `node "${weight.node.name}" (${weight.op})`,
    fix: 'Train or export the model again; a NaN spreads to every output.',
  });
}

/** A flat index as one index for each dimension. */
function placeOf(index: number, dims: readonly number[]): string {
  let rest = index;
  const place: number[] = [];
  for (const dim of [...dims].reverse()) {
    place.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return `[${place.join(', ')}]`;
}
