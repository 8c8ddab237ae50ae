import {
  forOp,
  inferShapes,
  type Model,
  type Pass,
  type PassContext,
  type PassResult,
  type ReportTable,
  unmatchedKeys,
  type Weight,
} from '@espalier/core';
import { type RankedGroup, unitsToRemove } from './channels/choose-units.js';
import { countElements } from './channels/count-elements.js';
import { findUnits, type UnitGroup } from './channels/find-units.js';
import { removeUnits } from './channels/remove-units.js';
import { unitScores } from './channels/unit-scores.js';
import {
  type ChannelRetrainOptions,
  type PruneChannelsOptions,
  pruneChannelsOptions,
} from './prune-channels-options.js';

export const PRUNE_CHANNELS = 'prune-channels';

/**
 * Takes the channels and neurons out that count least, from all tensors that have a part of them: what is left is a dense model of
 * the same kind, smaller and faster. Li et al. 2017 (arXiv:1608.08710); what has to go together is found as in Fang et al.
 * 2023 (arXiv:2301.12900).
 *
 * Run again it takes out the same share of what is left.
 */
export class PruneChannelsPass implements Pass<PruneChannelsOptions> {
  readonly name: string = PRUNE_CHANNELS;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fuse'];
  readonly before: readonly string[] = ['prune', 'share-weights', 'quantize', 'huffman', 'range-coder'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  /** What is coupled is found anew for each round, layer by layer. */
  cost(): 'quadratic' {
    return 'quadratic';
  }

  requires({ retrain }: Readonly<PruneChannelsOptions>): readonly 'train'[] {
    return retrain === null ? [] : ['train'];
  }

  async run(model: Model, context: PassContext<PruneChannelsOptions>): Promise<PassResult> {
    const { options, count, log } = context;
    inferShapes(model, { onContradiction: (error) => log.debug(error.message) });
    for (const key of unmatchedKeys(options.density, model.weights()))
      log.warn(`prune-channels: no weight is named "${key}"`);
    const targets = targetsOf(model, context);
    if (options.by === 'scale') warnOfMissingNorms(model, targets, context);
    if (options.retrain !== null && targets.size > 0) await assertTrainable(model, context, options.retrain);
    const before = countElements(model);
    const rounds = Math.min(options.retrain?.rounds ?? 1, options.retrain?.epochs ?? 1);
    let removed = 0;
    for (let round = 1; round <= rounds; round++) {
      removed += narrow(model, targets, round / rounds, options);
      await context.progress(round, rounds, `${removed} channels removed`);
      if (removed > 0) await retrain(model, context, round, rounds);
    }
    count('channels.removed', removed);
    if (removed > 0) context.table(channelTable(targets, findUnits(model).groups));
    count('weights.removed', before - countElements(model));
    return { modified: removed > 0 };
  }
}

/** How many units a group has and is to keep, and why they all stay, where they do. */
interface Target {
  readonly name: string;
  readonly units: number;
  readonly keep: number;
  readonly pinned: string | null;
}

/** By the key of the group. */
type Targets = ReadonlyMap<string, Target>;

function targetsOf(model: Model, { options, log }: PassContext<PruneChannelsOptions>): Targets {
  const targets = new Map<string, Target>();
  const weights = new Map(model.weights().map((weight) => [weight.name, weight]));
  for (const group of findUnits(model).groups) {
    const { key, units, pinned, producers } = group;
    const asked = keepCount(weights, group, options);
    if (asked === units.length) continue;
    const keep = pinned === null ? asked : units.length;
    const others = producers.length - 1;
    const name = others === 0 ? group.name : `${group.name} and ${others} more`;
    // Of a layer some channels may stay for a reason of their own.
    const place = pinned === null ? key : `${key} pinned`;
    targets.set(place, { name, units: units.length, keep, pinned });
    if (pinned !== null) log.info(`prune-channels: "${group.name}" keeps ${keep} channels: ${pinned}`);
  }
  return targets;
}

/** What became of each layer, and why some stay whole. */
function channelTable(targets: Targets, groups: readonly UnitGroup[]): ReportTable {
  const left = new Map(
    groups.filter(({ pinned }) => pinned === null).map(({ key, units }) => [key, units.length]),
  );
  return {
    title: 'Channels of each layer',
    columns: ['computed by', 'channels', 'kept', 'why they stay'],
    rows: [...targets].map(([key, { name, units, pinned }]) => [
      name,
      units,
      pinned === null ? (left.get(key) ?? 0) : units,
      pinned ?? '',
    ]),
  };
}

/** Layers whose results are summed keep the largest share that one of them is to keep. */
function keepCount(
  weights: ReadonlyMap<string, Weight>,
  group: UnitGroup,
  { density, multipleOf }: PruneChannelsOptions,
): number {
  const layers = group.producers.flatMap(({ value }) => weights.get(value.name) ?? []);
  const share = Math.max(
    ...layers.map((layer) => forOp(density, pruneChannelsOptions.defaults.density, layer)),
  );
  const units = group.units.length;
  const keep = Math.max(1, Math.round(share * units));
  return Math.min(units, Math.ceil(keep / multipleOf) * multipleOf);
}

function warnOfMissingNorms(
  model: Model,
  targets: Targets,
  { log }: PassContext<PruneChannelsOptions>,
): void {
  const found = findUnits(model);
  for (const group of found.groups) {
    if (!targets.has(group.key) || unitScores(model, found, group, 'scale') !== null) continue;
    log.warn(
      `prune-channels: "${group.name}" has no batch normalization to rank by; norms of weights are taken`,
    );
  }
}

/** Takes units out until each group is as far as `done` on its way; returns how many went. */
function narrow(model: Model, targets: Targets, done: number, { by, scope }: PruneChannelsOptions): number {
  const found = findUnits(model);
  const ranked: RankedGroup[] = [];
  for (const group of found.groups) {
    const target = targets.get(group.key);
    if (target === undefined || group.pinned !== null) continue;
    const scores = unitScores(model, found, group, by) ?? unitScores(model, found, group, 'norm');
    if (scores === null) continue;
    const keep = target.units - Math.round((target.units - target.keep) * done);
    ranked.push({ group, scores, keep });
  }
  const gone = unitsToRemove(ranked, scope);
  if (gone.length > 0) removeUnits(model, found, gone);
  return gone.length;
}

/** What can't be trained is refused while the model is as it was. */
async function assertTrainable(
  model: Model,
  context: PassContext<PruneChannelsOptions>,
  options: ChannelRetrainOptions,
): Promise<void> {
  const { PassTraining } = await import('@espalier/train');
  (await PassTraining.open(model, context, options)).release();
}

async function retrain(
  model: Model,
  context: PassContext<PruneChannelsOptions>,
  round: number,
  rounds: number,
): Promise<void> {
  const options = context.options.retrain;
  if (options === null) return;
  const epochs =
    Math.floor((options.epochs * round) / rounds) - Math.floor((options.epochs * (round - 1)) / rounds);
  const { PassTraining } = await import('@espalier/train');
  const training = await PassTraining.open(model, context, { ...options, epochs });
  try {
    await training.fit();
    training.writeBack();
  } finally {
    training.release();
  }
}
