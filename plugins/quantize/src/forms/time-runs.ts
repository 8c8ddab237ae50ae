import { type Executor, type Feeds, type Model, PluginError, type RunTimes } from '@espalier/core';

/** Milliseconds that a round of each model takes, about. */
const ROUND_MS = 25;
const ROUNDS = 6;

/**
 * What runs of some models take, by turns, so that a busy machine is busy for all. Of the means of several rounds the least is given,
 * for each step: what it takes when nothing else disturbs it.
 *
 * @throws {PluginError} when the executor has no clock
 */
export async function timeRuns(
  executor: Executor,
  models: readonly Model[],
  feeds: Feeds,
): Promise<readonly RunTimes[]> {
  const executions = [];
  try {
    for (const model of models) executions.push(await executor.prepare(model));
    // Not counted: engines compile what runs often, and a first run makes its plan.
    const first = [];
    for (const execution of executions) first.push(await timed(execution.time?.(feeds, 2)));
    const least = first.map((): RunTimes | null => null);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, execution] of executions.entries()) {
        const runs = Math.max(1, Math.min(50, Math.round(ROUND_MS / (first[index]?.ms ?? ROUND_MS))));
        least[index] = lesser(least[index] ?? null, await timed(execution.time?.(feeds, runs)));
      }
    }
    return least.flatMap((times) => times ?? []);
  } finally {
    for (const execution of executions) execution.dispose();
  }
}

async function timed(times: Promise<RunTimes> | undefined): Promise<RunTimes> {
  if (times !== undefined) return times;
  throw new PluginError({
    what: 'A limit of time is kept by timing the layers, and what runs models here has no clock for them.',
    where: 'option "mixed" of "quantize"',
    fix: 'Use the plugin "runtime" of @espalier/presets, or leave maxMilliseconds and maxTimeShare out.',
  });
}

function lesser(before: RunTimes | null, now: RunTimes): RunTimes {
  if (before === null) return now;
  const steps = new Map(before.steps);
  for (const [name, ms] of now.steps) steps.set(name, Math.min(ms, steps.get(name) ?? ms));
  return { ms: Math.min(before.ms, now.ms), steps };
}
