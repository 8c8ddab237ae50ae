import { elementCount, forOp, toFloat32, type Weight } from '@espalier/core';
import { lampScores } from './lamp.js';
import {
  type Cut,
  cutAt,
  cutAtThreshold,
  cutsAcross,
  keptPositions,
  standardDeviation,
} from './magnitude.js';
import { type PruneOptions, pruneOptions } from './options.js';
import { inputAxis, keptOfPattern, parsePattern } from './pattern.js';
import type { PatternOfLayer } from './prune-and-retrain.js';

/** Where the weights of a layer stand that stay: rising indices of elements that are not zero. */
export type Keeper = (values: Float32Array) => Uint32Array;

/** The keeper of a layer; null where it is left alone. */
export type KeeperOf = (weight: Weight) => Keeper | null;

/** What stays in each layer, by the options. */
export function keepers(weights: readonly Weight[], options: Readonly<PruneOptions>): KeeperOf {
  if (options.pattern !== null) {
    return (weight) => {
      const along = patternOf(weight, options);
      return along && ((values) => keptOfPattern(values, weight.encoding.dims, along.axis, along.pattern));
    };
  }
  const scored = scoresOf(scopeOf(options));
  const cutOf = scopeOf(options) === 'layer' ? layerCut : globalCut(weights, options, scored);
  return (weight) => {
    const cut = cutOf(weight, options);
    return cut && ((values) => keptPositions(scored(values), cut).positions);
  };
}

/** The pattern of a layer, and the dimension that it lies along; null where there is none, or density 1 leaves it alone. */
export function patternOf(weight: Weight, options: Readonly<PruneOptions>): PatternOfLayer | null {
  const pattern = options.pattern === null ? null : parsePattern(options.pattern);
  const { dims } = weight.encoding;
  const axis = inputAxis(weight.op, dims, weight.axis);
  if (pattern === null || axis === null || keepCount(weight, options) === null) return null;
  return { pattern, dims, axis };
}

/** A threshold of its own ranks each layer by itself. */
export function scopeOf({ by, scope }: Pick<PruneOptions, 'by' | 'scope'>): PruneOptions['scope'] {
  return by === 'deviation' ? 'layer' : scope;
}

/** What weights are ranked by, in magnitude: the same places are zero. */
export function scoresOf(scope: PruneOptions['scope']): (values: Float32Array) => Float32Array {
  return scope === 'lamp' ? lampScores : (values) => values;
}

type CutOf = (weight: Weight, options: Readonly<PruneOptions>) => Cut | null;

function layerCut(weight: Weight, options: Readonly<PruneOptions>): Cut | null {
  if (options.by === 'deviation') {
    const quality = forOp(options.quality, pruneOptions.defaults.quality, weight);
    return quality === 0 ? null : cutAtThreshold(quality * standardDeviation(toFloat32(weight.decode())));
  }
  const keep = keepCount(weight, options);
  return keep === null ? null : cutAt([toFloat32(weight.decode())], keep);
}

/** One ranking over all layers of a density below 1; together they keep what they would keep alone. */
function globalCut(
  weights: readonly Weight[],
  options: Readonly<PruneOptions>,
  scored: (values: Float32Array) => Float32Array,
): CutOf {
  const ranked = weights.filter((weight) => keepCount(weight, options) !== null);
  const keep = ranked.reduce((sum, weight) => sum + (keepCount(weight, options) ?? 0), 0);
  const all = ranked.map((weight) => scored(toFloat32(weight.decode())));
  const cuts = cutsAcross(all, keep);
  const byName = new Map(ranked.map(({ name }, i) => [name, cuts[i]]));
  return ({ name }) => byName.get(name) ?? null;
}

/** How many weights of a layer are to stay; null where all are. */
export function keepCount(weight: Weight, options: Readonly<PruneOptions>): number | null {
  const density = forOp(options.density, pruneOptions.defaults.density, weight);
  return density === 1 ? null : Math.round(density * elementCount(weight.encoding.dims));
}
