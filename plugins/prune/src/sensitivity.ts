import {
  DataError,
  type Dataset,
  type Executor,
  forOp,
  type Model,
  OptionsError,
  type PassContext,
  PluginError,
  toFloat32,
} from '@espalier/core';
import { densitiesFor, type LayerCurve } from './densities-for.js';
import { Judge, type Judgement } from './judge.js';
import { keepOnly } from './keep-only.js';
import { keepCount } from './keepers.js';
import { cutAt, keptPositions } from './magnitude.js';
import { type PruneOptions, pruneOptions } from './options.js';
import { sensitivityTable, type TriedLayer } from './sensitivity-table.js';

/** Where each layer's curve is measured. Between them it is taken for straight. */
const tried: readonly number[] = [0.8, 0.6, 0.45, 0.3, 0.2, 0.1, 0.05, 0.02];

/**
 * A density for each layer, from what pruning it alone costs: Han et al. 2015 (arXiv:1506.02626), figure 6. What is told of each
 * layer goes into the report.
 *
 * The cost is the power of what changes in the model's outputs, which a few samples tell well, and which adds up over layers. With
 * `accuracyDrop` as few weights are kept as the right answers of the same samples allow.
 *
 * @returns densities by the name of the weight; 1 for layers that are left alone
 */
export async function densitiesBySensitivity(
  model: Model,
  executor: Executor | null,
  context: PassContext<PruneOptions>,
): Promise<Readonly<Record<string, number>>> {
  const { options } = context;
  const data = scanData(context);
  if (executor === null) {
    throw new PluginError({
      what: 'Nothing here can run the model, to see what pruning a layer costs.',
      fix: 'Add the runtime to the plugins, or give densities.',
    });
  }
  const judge = await Judge.open(executor, model, data, options.samples);
  const layers = await tryLayers(model, judge, context);
  const curves = layers.map(curveOf);
  const before = await judge.judge(model);
  const { densities, after } =
    options.accuracyDrop === null
      ? await atShare(model, judge, layers, curves, shareAsked(layers, options))
      : await atDrop(model, judge, layers, curves, before, context);
  const what = `${judge.sampleCount} samples of ${data.name}`;
  context.table(sensitivityTable(layers, tried, densities, { before, after }, what));
  const chosen = layers.map(({ weight }, i) => [weight.name, densities[i] ?? 1] as const);
  return { ...Object.fromEntries(chosen), default: 1 };
}

/** Never the held-out data, where there are others: what is chosen on them is no longer judged by them. */
function scanData({ data, log }: PassContext<PruneOptions>): Dataset {
  const chosen = data.calibration ?? data.train;
  if (chosen !== undefined) return chosen;
  if (data.holdout === undefined) {
    throw new DataError({
      what: 'There are no data to see on what pruning a layer costs.',
      fix: 'Give the run calibration data, or densities.',
    });
  }
  log.warn(
    `prune: densities are chosen on the held-out data "${data.holdout.name}", which then judge too kindly`,
  );
  return data.holdout;
}

async function tryLayers(
  model: Model,
  judge: Judge,
  { options, progress }: PassContext<PruneOptions>,
): Promise<readonly TriedLayer[]> {
  const weights = model.weights().filter((weight) => keepCount(weight, options) !== null);
  const layers: TriedLayer[] = [];
  for (const weight of weights) {
    const values = toFloat32(weight.decode());
    const judgements: Judgement[] = [];
    for (const [i, density] of tried.entries()) {
      judgements.push(await judge.judge(withDensities(model, [{ weight, values }], [density])));
      await progress(layers.length * tried.length + i + 1, weights.length * tried.length, weight.name);
    }
    layers.push({ weight, values, judgements });
  }
  return layers;
}

/** A copy of the model with some layers pruned. */
function withDensities(
  model: Model,
  layers: readonly Pick<TriedLayer, 'weight' | 'values'>[],
  densities: readonly number[],
): Model {
  const copy = model.clone();
  for (const [i, { weight, values }] of layers.entries()) {
    const keep = Math.round((densities[i] ?? 1) * values.length);
    const value = copy.graph.value(weight.name);
    if (value === undefined || keep === values.length) continue;
    const { positions } = keptPositions(values, cutAt([values], keep));
    copy.graph.replaceConstant(value, keepOnly(weight.encoding, positions));
  }
  return copy;
}

function curveOf({ weight, values, judgements }: TriedLayer): LayerCurve {
  const points = judgements.map(({ noise }, i) => ({ density: tried[i] ?? 1, cost: noise }));
  return { name: weight.name, count: values.length, points };
}

/** The share of all weights that the densities of the options come to. */
function shareAsked(layers: readonly TriedLayer[], { density }: PruneOptions): number {
  let [kept, all] = [0, 0];
  for (const { weight, values } of layers) {
    kept += forOp(density, pruneOptions.defaults.density, weight) * values.length;
    all += values.length;
  }
  return all === 0 ? 1 : kept / all;
}

interface Chosen {
  readonly densities: readonly number[];
  readonly after: Judgement;
}

async function atShare(
  model: Model,
  judge: Judge,
  layers: readonly TriedLayer[],
  curves: readonly LayerCurve[],
  share: number,
): Promise<Chosen> {
  const densities = densitiesFor(curves, share);
  return { densities, after: await judge.judge(withDensities(model, layers, densities)) };
}

/** Halvings of the share of weights: to within a hundredth of a percent or so. */
const HALVINGS = 8;

/** The smallest share of weights that leaves enough right answers. */
async function atDrop(
  model: Model,
  judge: Judge,
  layers: readonly TriedLayer[],
  curves: readonly LayerCurve[],
  before: Judgement,
  { options, progress }: PassContext<PruneOptions>,
): Promise<Chosen> {
  const least = rightShare(before) - (options.accuracyDrop ?? 0);
  let [low, high] = [0, 1];
  let best = await atShare(model, judge, layers, curves, 1);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const chosen = await atShare(model, judge, layers, curves, middle);
    await progress(i + 1, HALVINGS, 'total density');
    if (rightShare(chosen.after) >= least) [high, best] = [middle, chosen];
    else low = middle;
  }
  return best;
}

/** Right answers, or those of before where it is not known which are right. */
function rightShare({ accuracy, agreement }: Judgement): number {
  const share = accuracy ?? agreement;
  if (share !== null) return share;
  throw new OptionsError({
    what: 'The output of the model is no vector of scores: there are no answers that could be right.',
    where: 'option "accuracyDrop"',
    fix: 'Leave it out, and give the density of all layers together.',
  });
}
