import {
  type Dataset,
  type Executor,
  type Feeds,
  type Model,
  OptionsError,
  OutputProbe,
  type PassContext,
  type RunTimes,
} from '@espalier/core';
import type { QuantizeOptions } from '../options.js';
import type { MixedBudget } from '../rounding/mixed-options.js';
import { choicesWithin, type Rated } from './choose-forms.js';
import { measureErrors } from './form-errors.js';
import { settled } from './form-report.js';
import { type Extremes, FormTimes } from './form-times.js';
import { allInt8, type Choice, errorOf, keyOf, type Network } from './network.js';
import { networkOf, type Surveyed } from './network-of.js';
import { timeRuns } from './time-runs.js';

/** What forms are chosen for, and tried on. */
export interface FormTrials {
  readonly surveyed: Surveyed;
  readonly executor: Executor;
  readonly calibration: Dataset;
  /** A copy of the model as these options would leave it, with the nearest codes. */
  quantized(options: QuantizeOptions): Promise<Model>;
}

/** Samples that the parts of the noise are measured on: they only say which layer is worth more precision. */
const ERROR_SAMPLES = 8;

/** Choices that are quantized and timed, at the most. */
const MOST_TRIALS = 10;

/** A choice that was tried. */
export interface Tried {
  readonly choice: Choice;
  readonly ms: number;
  /** Share of the answers that are lost; 0 where nobody asks. */
  readonly drop: number;
}

/** Looks for a choice that keeps to a limit of time. */
export class FormSearch {
  readonly network: Network;
  readonly times: FormTimes;
  /** What the float model takes. */
  readonly floatMs: number;
  readonly #trials: FormTrials;
  readonly #context: PassContext<QuantizeOptions>;
  readonly #feeds: Feeds;
  readonly #limit: number;
  readonly #mostDrop: number | null;
  readonly #answers: OutputProbe | null;
  readonly #tried = new Map<string, Tried>();
  readonly #drops = new Map<string, number>();

  private constructor(parts: {
    readonly network: Network;
    readonly extremes: Extremes;
    readonly trials: FormTrials;
    readonly context: PassContext<QuantizeOptions>;
    readonly feeds: Feeds;
    readonly budget: MixedBudget;
    readonly answers: OutputProbe | null;
  }) {
    const { maxMilliseconds, maxTimeShare, maxAccuracyDrop } = parts.budget;
    this.network = parts.network;
    this.times = new FormTimes(parts.network, parts.extremes);
    this.floatMs = parts.extremes.float32.ms;
    this.#trials = parts.trials;
    this.#context = parts.context;
    this.#feeds = parts.feeds;
    this.#limit = Math.min(maxMilliseconds ?? Infinity, (maxTimeShare ?? Infinity) * this.floatMs);
    this.#mostDrop = maxAccuracyDrop;
    this.#answers = parts.answers;
  }

  /** Measures what each part takes, and costs the outputs. */
  static async open(
    trials: FormTrials,
    budget: MixedBudget,
    context: PassContext<QuantizeOptions>,
  ): Promise<FormSearch> {
    const { surveyed, executor, calibration } = trials;
    const { model, grids } = surveyed;
    const feeds = await oneSample(calibration);
    const batches: Feeds[] = [];
    for await (const batch of calibration.batches(ERROR_SAMPLES, ERROR_SAMPLES)) batches.push(batch.feeds);
    const measured = {
      ...(await measureErrors(surveyed, executor, batches, context)),
      elements: await sizesOf(executor, model, feeds),
    };
    const network = networkOf(surveyed, measured);
    const every = { wide: new Set(network.joints.keys()), real: new Set<number>() };
    const hasWide = network.joints.some(({ canBeWide }) => canBeWide);
    const gridded = model.clone();
    // Float operators read codes only by this rule.
    gridded.setRequantization('onnx');
    for (const [{ name }, quantization] of grids) {
      const value = gridded.graph.value(name);
      if (value !== undefined)
        gridded.graph.setType(value, { dtype: 'float32', dims: value.type?.dims ?? null, quantization });
    }
    const { options } = context;
    const [float32, onGrids, int8, int16] = await timeRuns(
      executor,
      [
        model,
        gridded,
        await trials.quantized(settled(options, network, allInt8)),
        ...(hasWide ? [await trials.quantized(settled(options, network, every))] : []),
      ],
      feeds,
    );
    const extremes = { float32, gridded: onGrids, int8, int16: int16 ?? null } as Extremes; // one for each model
    const answers =
      budget.maxAccuracyDrop === null
        ? null
        : await OutputProbe.open(executor, model, calibration, options.samples);
    return new FormSearch({ network, extremes, trials, context, feeds, budget, answers });
  }

  /** @throws {OptionsError} when nothing is as fast */
  async find(): Promise<Tried> {
    let best: Tried | null = null;
    let aim = this.#limit;
    for (let trial = 0; trial < MOST_TRIALS; trial++) {
      const line = choicesWithin(this.network, (choice) => this.times.of(choice), aim);
      const choice = await this.#pick(line);
      const isKnown = this.#tried.has(keyOf(choice));
      const tried = await this.#try(choice);
      await this.#context.progress(trial + 1, MOST_TRIALS, 'timing choices');
      if (tried.ms <= this.#limit && (best === null || this.#isBetter(tried, best))) best = tried;
      // What was learned leads to the same choice again.
      if (isKnown && (best !== null || choice === line[0]?.choice)) break;
      // The sum of the parts says less than the whole: it has to be kept below the limit by as much.
      if (tried.ms > this.#limit && this.times.of(choice) <= aim)
        aim *= Math.min(0.98, this.#limit / tried.ms);
    }
    if (best !== null) return best;
    const [fastest] = [...this.#tried.values()].sort((a, b) => a.ms - b.ms);
    throw tooSlow(this.#limit, fastest?.ms ?? Number.NaN, this.floatMs);
  }

  /** The most accurate; where answers may be lost, the first that loses no more. Found by halving. */
  async #pick(line: readonly Rated[]): Promise<Choice> {
    let [low, high] = [this.#mostDrop === null ? line.length - 1 : 0, line.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.#dropOf((line[middle] as Rated).choice)) <= (this.#mostDrop ?? 0)) high = middle;
      else low = middle + 1;
    }
    return (line[low] as Rated).choice; // one at least
  }

  async #try(choice: Choice): Promise<Tried> {
    const key = keyOf(choice);
    const known = this.#tried.get(key);
    if (known !== undefined) return known;
    const model = await this.#quantized(choice);
    const [times] = (await timeRuns(this.#trials.executor, [model], this.#feeds)) as [RunTimes]; // one each
    this.times.learn(choice, times);
    const tried = { choice, ms: times.ms, drop: await this.#dropOf(choice) };
    this.#tried.set(key, tried);
    return tried;
  }

  async #dropOf(choice: Choice): Promise<number> {
    if (this.#answers === null) return 0;
    const key = keyOf(choice);
    const known = this.#drops.get(key);
    if (known !== undefined) return known;
    const { drop } = await this.#answers.compare(await this.#quantized(choice));
    this.#drops.set(key, drop);
    return drop;
  }

  #quantized(choice: Choice): Promise<Model> {
    return this.#trials.quantized(settled(this.#context.options, this.network, choice));
  }

  #isBetter(one: Tried, other: Tried): boolean {
    if (this.#mostDrop === null)
      return errorOf(this.network, one.choice) < errorOf(this.network, other.choice);
    const keeps = ({ drop }: Tried): boolean => drop <= (this.#mostDrop ?? 0);
    if (keeps(one) && keeps(other)) return one.ms < other.ms;
    return keeps(one) || (!keeps(other) && one.drop < other.drop);
  }
}

async function oneSample(data: Dataset): Promise<Feeds> {
  for await (const { feeds } of data.batches(1, 1)) return feeds;
  return {};
}

async function sizesOf(executor: Executor, model: Model, feeds: Feeds): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map(Object.entries(feeds).map(([name, { size }]) => [name, size]));
  const execution = await executor.prepare(model);
  try {
    await execution.run(feeds, ({ name }, { size }) => sizes.set(name, size));
  } finally {
    execution.dispose();
  }
  return sizes;
}

function tooSlow(limit: number, least: number, floatMs: number): OptionsError {
  return new OptionsError({
    what: `No choice of int8, int16 and float32 runs in ${limit.toPrecision(3)} ms on this machine: ${least.toPrecision(3)} is the least, float32 takes ${floatMs.toPrecision(3)}.`,
    where: 'option "mixed" of "quantize"',
    fix: 'Allow somewhat more than that (maxMilliseconds, maxTimeShare), or prune first.',
  });
}
