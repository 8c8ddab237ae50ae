import type { Model, PassContext } from '@espalier/core';
import { PassTraining, type Trainer } from '@espalier/train';
import { densityAt, pruningStep } from './density-schedule.js';
import { scopeOf, scoresOf } from './keepers.js';
import { cutAt, cutsAcross, keptPositions } from './magnitude.js';
import type { PruneOptions } from './options.js';
import { keptOfPattern, type Pattern } from './pattern.js';
import type { RetrainOptions } from './retrain-options.js';

/** A weight that is to be pruned. */
export interface PrunedLayer {
  readonly name: string;
  /** As it came: what is zero stays zero. */
  readonly values: Float32Array;
  /** Elements that are kept in the end. */
  readonly keep: number;
  /** null where any elements may be kept. */
  readonly along: PatternOfLayer | null;
}

/** The pattern in which a layer is pruned. */
export interface PatternOfLayer {
  readonly pattern: Pattern;
  readonly dims: readonly number[];
  /** The dimension that runs of weights lie along. */
  readonly axis: number;
}

/**
 * Prunes the smallest weights while the model is trained, and writes it back: those that are left make up for those
 * that are gone. With surgery pruned weights are trained on, unseen by the network, and return where they outgrow others.
 *
 * @returns the names of the weights that it pruned; others have no part in the loss, or hold codes
 * @see Han et al. 2015 (arXiv:1506.02626), section 3; Guo et al. 2016 (arXiv:1608.04493)
 */
export async function pruneAndRetrain(
  model: Model,
  layers: readonly PrunedLayer[],
  context: PassContext<PruneOptions>,
  options: RetrainOptions,
): Promise<ReadonlySet<string>> {
  const densities = new Map(layers.map(({ name, values, keep }) => [name, keep / values.length]));
  const training = await PassTraining.open(model, context, options, {
    densityOf: (name) => densities.get(name) ?? 1,
  });
  try {
    const { trainer } = training;
    const trained = layers.filter(({ name }) => trainer.weightNames.includes(name));
    const scope = scopeOf(context.options);
    const prune = (epoch: number): void => {
      const { done, isSettled } = pruningStep(epoch, options);
      const masks = masksOf(trained, trainer, done, scope);
      const revivable = options.surgery && !isSettled;
      for (const [i, { name }] of trained.entries()) {
        const mask = masks[i];
        if (mask !== undefined) trainer.constrain(name, { mask, revivable });
      }
    };
    prune(0);
    await training.fit(({ epoch, epochs }) => {
      if (epoch < epochs && !pruningStep(epoch - 1, options).isSettled) prune(epoch);
    });
    training.writeBack();
    return new Set(trained.map(({ name }) => name));
  } finally {
    training.release();
  }
}

/** 1 where a weight is kept, as far as pruning is done. */
function masksOf(
  layers: readonly PrunedLayer[],
  trainer: Trainer,
  done: number,
  scope: PruneOptions['scope'],
): readonly Uint8Array[] {
  const scored = scoresOf(scope);
  const arrays = layers.map(({ name, values }) => scored(heldZeros(trainer.hiddenWeight(name), values)));
  const keeps = layers.map(({ values, keep }) =>
    Math.round(values.length * densityAt(done, keep / values.length)),
  );
  const cuts =
    scope !== 'layer'
      ? cutsAcross(
          arrays,
          keeps.reduce((sum, keep) => sum + keep, 0),
        )
      : arrays.map((array, i) => cutAt([array], keeps[i] ?? 0));
  return arrays.map((array, i) => {
    const mask = new Uint8Array(array.length);
    const along = layers[i]?.along ?? null;
    const places =
      along === null
        ? keptPositions(array, cuts[i] ?? { bits: -1, ties: 0 }).positions
        : keptOfPattern(array, along.dims, along.axis, patternAt(done, along.pattern));
    for (const place of places) mask[place] = 1;
    return mask;
  });
}

/** The pattern on its way from all weights to those that are kept in the end. */
function patternAt(done: number, { keep, of }: Pattern): Pattern {
  return { keep: done === 1 ? keep : Math.max(keep, Math.ceil(of * densityAt(done, keep / of))), of };
}

/** A copy with zeros where the weight came with zeros: these are not to return. */
function heldZeros(values: Float32Array, before: Float32Array): Float32Array {
  return values.map((value, i) => (before[i] === 0 ? 0 : value));
}
