import { CALIBRATOR, resolveAll } from '@espalier/core';
import {
  type Diagnosis,
  diagnose,
  OutputJudge,
  type OutputLoss,
  type QuantizeOptions,
} from '@espalier/plugin-quantize';
import type { Bench, Settings } from './quantized-run.js';

/** One thing that was tried. */
export interface Trial {
  readonly what: string;
  readonly loss: OutputLoss;
  readonly kept: boolean;
}

/** What came of a repair. */
export interface Repair {
  readonly settings: Settings;
  readonly trials: readonly Trial[];
  readonly diagnosis: Diagnosis;
}

/** How far a repair goes. */
export interface RepairGoal {
  /** SQNR of the outputs, in dB, below which wider codes and float layers are tried, which cost speed. */
  readonly goalDb: number;
  /** So many layers are changed by themselves, the worst ones. */
  readonly worst: number;
}

/** What helps less is left out: a recipe should say what matters. In dB. */
const leastGain = 0.1;

/**
 * Tries what may help a quantized model, in order: a scale for each channel, other calibrators for the worst
 * layers, equalization, bias correction, adaptive rounding; and where the goal is not met, 16-bit activations and then
 * float for the worst layers, one at a time. Keeps what helps: a better SQNR of the outputs, and no more samples that get
 * another class.
 */
export async function repair(
  bench: Bench,
  start: Settings,
  first: Diagnosis,
  { goalDb, worst }: RepairGoal,
  tell: (trial: Trial) => void,
): Promise<Repair> {
  const search = new Search(bench, start, tell);
  await search.begin();
  const names = worstLayers(first, worst).map(({ name }) => name);
  const { quantize } = start;
  if (quantize.granularity !== 'channel')
    await search.try('a scale for each output channel', (now) =>
      withOptions(now, { granularity: 'channel' }),
    );
  await search.tryBest(
    resolveAll(bench.compressor.container, CALIBRATOR).map(({ name }) => ({
      what: `calibrator ${name} for ${names.join(', ')}`,
      change: (now) => withOptions(now, { observer: forEach(names, now.quantize.observer, name) }),
    })),
  );
  const renamed = await bench.quantizer.renamedByEqualizing();
  await search.try('equalized layers', (now) => ({ ...underNewNames(now, renamed), equalize: true }));
  await search.try('corrected biases', (now) => withOptions(now, { correctBias: true }));
  await search.try('adaptive rounding', (now) => withOptions(now, { rounding: 'adaptive' }));
  await widen(search, bench, goalDb, worst);
  return { settings: search.settings, trials: search.trials, diagnosis: await search.diagnose(false) };
}

/** 16-bit activations, then float, for the worst layers, until the goal is met. */
async function widen(search: Search, bench: Bench, goalDb: number, worst: number): Promise<void> {
  if (search.loss.sqnrDb >= goalDb) return;
  for (const { name, node, weight, op } of worstLayers(await search.diagnose(true), worst)) {
    if (search.loss.sqnrDb >= goalDb) return;
    await search.try(`16-bit activations of ${name}`, (now) =>
      withOptions(now, { activations: forEach([name], now.quantize.activations, 'int16') }),
    );
    if (search.loss.sqnrDb >= goalDb || op === 'input') continue;
    const excluded = weight ?? node;
    if (excluded === '') continue;
    await search.try(`float32 for ${excluded}`, (now) =>
      withOptions(now, { exclude: [...(now.quantize.exclude ?? []), excluded] }),
    );
  }
  bench.signal.throwIfAborted();
}

/** The layers that harm the outputs most, by themselves. */
export function worstLayers({ layers }: Diagnosis, count: number): Diagnosis['layers'] {
  return [...layers].sort((a, b) => a.aloneDb - b.aloneDb).slice(0, count);
}

function withOptions(now: Settings, options: Partial<QuantizeOptions>): Settings {
  return { ...now, quantize: { ...now.quantize, ...options } };
}

/** Settings of activations hold for what they become, too. */
function underNewNames(now: Settings, renamed: ReadonlyMap<string, string>): Settings {
  const { observer, activations } = now.quantize;
  return withOptions(now, {
    ...(observer === undefined ? {} : { observer: alsoAs(observer, renamed) }),
    ...(activations === undefined ? {} : { activations: alsoAs(activations, renamed) }),
  });
}

function alsoAs<T extends string>(
  setting: T | Readonly<Record<string, T>>,
  renamed: ReadonlyMap<string, string>,
): T | Readonly<Record<string, T>> {
  if (typeof setting !== 'object') return setting;
  const entries = Object.entries(setting).map(([name, value]) => [renamed.get(name) ?? name, value] as const);
  return { ...setting, ...Object.fromEntries(entries) };
}

/** A setting for some names, and what it was for all others. */
function forEach<T extends string>(
  names: readonly string[],
  now: T | Readonly<Record<string, T>> | undefined,
  value: T,
): Readonly<Record<string, T>> {
  const others = typeof now === 'object' ? now : now === undefined ? {} : { default: now };
  return { ...others, ...Object.fromEntries(names.map((name) => [name, value])) } as Record<string, T>; // each is a T
}

interface Change {
  readonly what: string;
  change(now: Settings): Settings;
}

/** Settings that get better step by step. */
class Search {
  settings: Settings;
  loss: OutputLoss = { sqnrDb: -Infinity, agreement: 0 };
  readonly trials: Trial[] = [];
  readonly #bench: Bench;
  readonly #judge: OutputJudge;
  readonly #tell: (trial: Trial) => void;

  constructor(bench: Bench, settings: Settings, tell: (trial: Trial) => void) {
    this.#bench = bench;
    const { executor, holdout, samples, signal } = bench;
    this.#judge = new OutputJudge({ executor, data: holdout, samples, signal });
    this.settings = settings;
    this.#tell = tell;
  }

  /** Measures where the search starts. */
  async begin(): Promise<void> {
    this.loss = await this.#measure(this.settings);
  }

  async try(what: string, change: Change['change']): Promise<void> {
    await this.tryBest([{ what, change }]);
  }

  /** Tries all, and keeps the best of them, if it helps. */
  async tryBest(changes: readonly Change[]): Promise<void> {
    const results: { readonly what: string; readonly settings: Settings; readonly loss: OutputLoss }[] = [];
    for (const { what, change } of changes) {
      const settings = change(this.settings);
      if (JSON.stringify(settings) === JSON.stringify(this.settings)) continue;
      results.push({ what, settings, loss: await this.#measure(settings) });
    }
    const [best] = results
      .filter(({ loss }) => this.#helps(loss))
      .sort((a, b) => b.loss.sqnrDb - a.loss.sqnrDb);
    for (const result of results) {
      const trial = { what: result.what, loss: result.loss, kept: result === best };
      this.trials.push(trial);
      this.#tell(trial);
    }
    if (best === undefined) return;
    this.settings = best.settings;
    this.loss = best.loss;
  }

  #helps({ sqnrDb, agreement }: OutputLoss): boolean {
    return sqnrDb >= this.loss.sqnrDb + leastGain && agreement >= this.loss.agreement;
  }

  async #measure(settings: Settings): Promise<OutputLoss> {
    const { quantizer, signal } = this.#bench;
    signal.throwIfAborted();
    const { reference, quantized } = await quantizer.quantize(settings);
    return this.#judge.loss(reference, quantized);
  }

  /** @param alone - whether each layer is tried alone, to see which are to blame now */
  async diagnose(alone: boolean): Promise<Diagnosis> {
    const { executor, quantizer, holdout, samples, signal, progress } = this.#bench;
    const pair = await quantizer.quantize(this.settings);
    return diagnose({ ...pair, executor, data: holdout, samples, signal, alone, progress });
  }
}
