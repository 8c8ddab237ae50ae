import {
  type Executor,
  type Model,
  OptionsError,
  OutputProbe,
  type PassContext,
  type Tradeoff,
  totalBytes,
  type Value,
} from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import type { LayerMoments } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import type { Selected } from '../static/selection.js';
import { weightSettings } from '../weights/weight-settings.js';
import type { MixedBudget } from './mixed-options.js';
import { bytesAtAverage, type OpenLayer, type WidthCandidate, widthChoices } from './mixed-precision.js';
import { widthCandidates } from './width-candidates.js';

/** What widths are chosen for, and tried on. */
export interface WidthTrials {
  readonly selected: readonly Selected[];
  readonly measured: ReadonlyMap<Value, LayerMoments>;
  /** Tells what a model loses against the float one; null where nobody asks. */
  readonly probe: OutputProbe | null;
  /** A copy of the model as these settings would leave it. */
  quantized(context: PassContext<QuantizeOptions>): Promise<Model>;
}

type Choice = readonly WidthCandidate[];

/**
 * Remembers the answers of the float model, where the budget is one of answers. Null where it is not.
 *
 * @throws {DataError} when there is no calibration data
 */
export async function openProbe(
  model: Model,
  executor: Executor | null,
  { options, data }: PassContext<QuantizeOptions>,
): Promise<OutputProbe | null> {
  if (options.mixed === null) return null;
  assertLimited(options.mixed);
  if (options.mixed.maxAccuracyDrop === null) return null;
  const source = requireCalibration(executor, data, options.mode === 'static' ? 'static' : 'weight-only');
  return OutputProbe.open(source.executor, model, source.calibration, options.samples);
}

/**
 * The options with a width for each layer: of all choices for the same bytes the one whose errors, each measured on its layer's
 * output, add up to the least.
 *
 * Whole files and answers are those of trials, quantized with the nearest codes: adaptive ones take as many bytes and lose less,
 * and would take minutes for each trial.
 *
 * @throws {OptionsError} when no choice is as small as `maxBytes`
 */
export async function withWidths(
  trials: WidthTrials,
  budget: MixedBudget,
  context: PassContext<QuantizeOptions>,
): Promise<QuantizeOptions> {
  const { options, count, table, log } = context;
  const layers = await openLayers(trials, context);
  const settled = (choice: Choice): QuantizeOptions => ({
    ...options,
    bits: {
      ...Object.fromEntries(layers.map(({ name }, i) => [name, choice[i]?.bits ?? 8])),
      default: 8,
    },
  });
  const attempt = (choice: Choice): Promise<Model> =>
    trials.quantized({
      ...context,
      options: { ...settled(choice), rounding: 'nearest', mixed: null },
      // The report is of the choice, not of what it was made from.
      count: () => {},
      progress: (_done, _total, what) => context.progress(layers.length, layers.length, what),
    });
  const choice = await choose(layers, budget, trials.probe, attempt, context);
  for (const bits of new Set(choice.map((each) => each.bits)))
    count(`layers.${bits}-bit`, choice.filter((each) => each.bits === bits).length);
  for (const [i, { name }] of layers.entries()) log.debug(`${name}: ${choice[i]?.bits ?? 8} bits`);
  table({
    title: `Bits of each layer, ${totalBytes(choice).toLocaleString('en-US')} bytes of weights and scales`,
    columns: ['weight', 'bits', 'bytes', 'SQNR of its output, it alone'],
    rows: layers.map(({ name }, i) => {
      const { bits = 8, bytes = 0, error = 0 } = choice[i] ?? {};
      return [name, bits, bytes, error === 0 ? 'exact' : `${(-10 * Math.log10(error)).toFixed(1)} dB`];
    }),
  });
  return settled(choice);
}

async function openLayers(
  { selected, measured }: WidthTrials,
  { options, progress }: PassContext<QuantizeOptions>,
): Promise<readonly OpenLayer[]> {
  const open: OpenLayer[] = [];
  for (const { node, operator } of selected) {
    const weight = node.inputs[operator.weights?.weight ?? -1];
    const moments = weight == null ? undefined : measured.get(weight);
    if (weight?.constant == null || moments === undefined || operator.weights === undefined) continue;
    const { name, constant } = weight;
    if (open.some((layer) => layer.name === name)) continue;
    const settings = weightSettings(options, { name, op: node.op });
    open.push({
      name,
      candidates: widthCandidates(constant, operator.weights.axis, name, settings, moments),
    });
    await progress(open.length, measured.size, 'weighing layers');
  }
  return open;
}

async function choose(
  layers: readonly OpenLayer[],
  budget: MixedBudget,
  probe: OutputProbe | null,
  attempt: (choice: Choice) => Promise<Model>,
  { log, measure }: PassContext<QuantizeOptions>,
): Promise<Choice> {
  const { averageBits, maxBytes, maxAccuracyDrop, leastDb } = budget;
  const choices = widthChoices(layers, leastDb);
  const limit = averageBits === null ? Infinity : bytesAtAverage(layers, averageBits);
  const isOnlyLeast = averageBits === null && maxBytes === null;
  let choice: Choice | null = isOnlyLeast ? choices.at(0) : choices.within(limit);
  if (probe !== null && maxAccuracyDrop !== null) {
    const fewest = await fewestBytes(choices, probe, maxAccuracyDrop, attempt);
    if (totalBytes(fewest) <= limit) choice = fewest;
  }
  if (choice === null) {
    log.warn(`quantize: ${averageBits} bits on average are fewer than layers of ${leastDb} dB take`);
    choice = choices.at(0);
  }
  if (maxBytes !== null) {
    choice = await fitted(choice, choices, async (tried) => measure(await attempt(tried)), budget, maxBytes);
  }
  if (probe !== null && maxAccuracyDrop !== null) {
    const { drop } = await probe.compare(await attempt(choice));
    if (drop > maxAccuracyDrop)
      log.warn(
        `quantize: ${drop.toPrecision(2)} of ${probe.samples} calibration answers are lost, more than ${maxAccuracyDrop}`,
      );
  }
  return choice;
}

/** The first of the choices, from few bytes to many, that keeps the accuracy; found by halving. The widest where none does. */
async function fewestBytes(
  choices: Tradeoff<WidthCandidate>,
  probe: OutputProbe,
  maxAccuracyDrop: number,
  attempt: (choice: Choice) => Promise<Model>,
): Promise<Choice> {
  let [low, high] = [0, choices.steps];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { drop } = await probe.compare(await attempt(choices.at(middle)));
    if (drop <= maxAccuracyDrop) high = middle;
    else low = middle + 1;
  }
  return choices.at(low);
}

/** The choice, or one of so many bytes fewer that the whole file is as small as it has to be. */
async function fitted(
  wanted: Choice,
  choices: Tradeoff<WidthCandidate>,
  fileBytes: (choice: Choice) => Promise<number>,
  { leastDb }: MixedBudget,
  maxBytes: number,
): Promise<Choice> {
  const fewest = totalBytes(choices.at(0));
  let choice = wanted;
  let size = await fileBytes(choice);
  while (size > maxBytes) {
    const bytes = totalBytes(choice);
    if (bytes <= fewest) throw tooSmall(maxBytes, size, leastDb);
    // Tables and padding of the file may take a few bytes more or less: it is tried again.
    choice = choices.within(bytes - (size - maxBytes)) ?? choices.at(0);
    size = await fileBytes(choice);
  }
  return choice;
}

function tooSmall(maxBytes: number, least: number, leastDb: number): OptionsError {
  const held = leastDb > 0 ? ` with ${leastDb} dB for each layer` : '';
  return new OptionsError({
    what: `No widths make the file ${maxBytes} bytes${held}: ${least} are the fewest.`,
    where: 'option "mixed.maxBytes"',
    fix: `Allow ${least} bytes or more, or prune first.`,
  });
}

function assertLimited({ averageBits, maxBytes, maxAccuracyDrop, leastDb }: MixedBudget): void {
  if (averageBits !== null || maxBytes !== null || maxAccuracyDrop !== null || leastDb > 0) return;
  throw new OptionsError({
    what: 'The budget for the bits of layers has no limit.',
    where: 'option "mixed"',
    fix: 'Give maxBytes, averageBits, maxMilliseconds, maxTimeShare or maxAccuracyDrop, or leastDb.',
  });
}
