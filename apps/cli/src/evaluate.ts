import {
  bestClasses,
  type Compressor,
  type Dataset,
  EXECUTOR,
  type Execution,
  type Executor,
  elementCount,
  type Feeds,
  isFloat,
  type Model,
  resolveOptional,
  Similarity,
  toNumbers,
  UnsupportedError,
} from '@espalier/core';
import { inputShapes } from './model-file.js';
import type { Session } from './session.js';

/** What two models make of the same samples. */
export interface Evaluation {
  readonly data: string;
  readonly samples: number;
  /** Right best classes of each, where the samples are labelled and the first output holds scores. */
  readonly top1: { readonly before: number; readonly after: number } | null;
  /** Share of samples with the same best class, 0 to 1; null where the output holds no scores. */
  readonly agreement: number | null;
  /** Of all float outputs together. */
  readonly outputSqnrDb: number;
}

/** The runtime. @throws {UnsupportedError} where no plugin brings one */
export function executorOf(compressor: Compressor): Executor {
  const executor = resolveOptional(compressor.container, EXECUTOR);
  if (executor !== null) return executor;
  throw new UnsupportedError({
    what: 'No plugin brings a runtime: models can be changed here, not run.',
    fix: 'Install @espalier/runtime and list it.',
  });
}

/** Elements of a batch's inputs: what a few large images or many small ones hold. */
const BATCH_ELEMENTS = 2 ** 20;

/** As many samples as make a batch of about a million elements, 1 to 64. */
export function batchSizeFor(model: Model): number {
  const perSample = inputShapes(model)
    .map(({ dims }) =>
      elementCount((dims ?? []).slice(1).map((dim) => (typeof dim === 'number' ? dim : 320))),
    )
    .reduce((sum, count) => sum + count, 0);
  return Math.max(1, Math.min(64, Math.floor(BATCH_ELEMENTS / Math.max(1, perSample))));
}

/** Runs both models on all samples and compares what they hand out. */
export async function evaluate(
  session: Session,
  executor: Executor,
  before: Model,
  after: Model,
  data: Dataset,
): Promise<Evaluation> {
  const [only] = await evaluateAll(session, executor, before, [after], data);
  return only as Evaluation; // of the one model
}

/** Runs a model and some that were made of it on all samples, and compares each with the first. */
export async function evaluateAll(
  session: Session,
  executor: Executor,
  before: Model,
  after: readonly Model[],
  data: Dataset,
): Promise<readonly Evaluation[]> {
  const executions: Execution[] = [];
  const tallies = after.map(() => new Tally(before.graph.outputs[0]?.name ?? ''));
  try {
    for (const model of [before, ...after]) executions.push(await executor.prepare(model));
    const [reference, ...others] = executions;
    let done = 0;
    for await (const batch of data.batches(batchSizeFor(before))) {
      session.assertNotAborted();
      const expected = (await reference?.run(batch.feeds)) ?? {};
      for (const [i, execution] of others.entries())
        tallies[i]?.add(expected, await execution.run(batch.feeds), batch.count, batch.labels);
      done += batch.count;
      session.progress.update(done, data.count);
      await breathe();
    }
  } finally {
    for (const execution of executions) execution.dispose();
  }
  return tallies.map((tally) => tally.result(data.name));
}

/** Lets signals and timers have a turn between batches. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

class Tally {
  readonly #output: string;
  readonly #similarity = new Similarity();
  #samples = 0;
  #scored = 0;
  #same = 0;
  #labelled = 0;
  #rightBefore = 0;
  #rightAfter = 0;

  constructor(output: string) {
    this.#output = output;
  }

  add(expected: Feeds, actual: Feeds, count: number, labels: Int32Array | undefined): void {
    this.#samples += count;
    for (const [name, tensor] of Object.entries(expected)) {
      const other = actual[name];
      if (!isFloat(tensor.type) || other?.size !== tensor.size) continue;
      this.#similarity.add(toNumbers(tensor), toNumbers(other));
    }
    const [a, b] = [expected[this.#output], actual[this.#output]];
    const before = a === undefined ? null : bestClasses(a, count);
    const after = b === undefined ? null : bestClasses(b, count);
    if (before === null || after === null) return;
    this.#scored += count;
    for (let i = 0; i < count; i++) if (before[i] === after[i]) this.#same++;
    if (labels === undefined) return;
    this.#labelled += count;
    for (let i = 0; i < count; i++) {
      if (before[i] === labels[i]) this.#rightBefore++;
      if (after[i] === labels[i]) this.#rightAfter++;
    }
  }

  result(data: string): Evaluation {
    return {
      data,
      samples: this.#samples,
      top1: this.#labelled === 0 ? null : { before: this.#rightBefore, after: this.#rightAfter },
      agreement: this.#scored === 0 ? null : this.#same / this.#scored,
      outputSqnrDb: this.#similarity.sqnrDb,
    };
  }
}

/** How long one run of one sample takes, in ms. */
export interface Latency {
  readonly medianMs: number;
  readonly leastMs: number;
  readonly runs: number;
}

/** Least time and number of runs of each model that a median is taken of. */
const TIMED_MS = 1000;
const TIMED_RUNS = 11;

/** Times executions on the same feeds, taking turns so that a busy machine is busy for all. */
export async function latencies(
  session: Session,
  executions: readonly Execution[],
  feeds: Feeds,
): Promise<readonly Latency[]> {
  const times = executions.map((): number[] => []);
  for (const execution of executions) await execution.run(feeds);
  const started = performance.now();
  while ((times[0]?.length ?? 0) < TIMED_RUNS || performance.now() - started < TIMED_MS * executions.length) {
    for (const [i, execution] of executions.entries()) {
      const from = performance.now();
      await execution.run(feeds);
      times[i]?.push(performance.now() - from);
    }
    session.assertNotAborted();
    await breathe();
    // A model that takes seconds is timed a few times only.
    if ((times[0]?.length ?? 0) >= 3 && performance.now() - started > 10 * TIMED_MS) break;
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return { medianMs: sorted[sorted.length >> 1] ?? 0, leastMs: sorted[0] ?? 0, runs: sorted.length };
  });
}
