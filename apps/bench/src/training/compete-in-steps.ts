import type { Pace } from '../measure/compete.js';
import { median } from '../measure/statistics.js';
import { timeSlot } from '../measure/time-slot.js';
import type { Training } from './engines/engine.js';
import { type Contestant, start } from './start.js';
import type { Batch, Task } from './task.js';

/** Steps on one and the same batch of which the losses are compared: from the second on they tell of the updates too. */
const COMPARED_STEPS = 5;

/** Whoever needs longer compares fewer steps, and two at least. */
const COMPARED_MS = 30_000;

/** Beyond so many milliseconds a step, a sample is one step and not an epoch. */
const SLOW_STEP_MS = 200;

/** No engine takes turns for longer, but each has one. */
const TIMED_MS = 20_000;

/**
 * How far losses may be from ours. Engines add in other orders: they are at 2e-6 or less. A step without the momentum, or
 * with the gradient of a sum instead of a mean, is off by 1e-2 and more.
 */
export const MOST_LOSS_DIFFERENCE = 1e-4;

/** What one engine took for a step. */
export interface StepTiming {
  readonly task: Task;
  readonly contestant: Contestant;
  /** Of one step. */
  readonly medianMs: number;
  readonly leastMs: number;
  readonly gmacPerSecond: number;
  /** Losses that were compared with ours, and the largest difference, as a part of ours. */
  readonly comparedLosses: number;
  readonly lossDifference: number;
  /** Bytes after the steps that were compared and after the last one; null where the engine does not tell. */
  readonly memory: { readonly first: number; readonly last: number } | null;
}

interface Running {
  readonly contestant: Contestant;
  readonly training: Training;
  readonly losses: readonly number[];
  readonly batches: readonly Batch[];
  readonly firstBytes: number | null;
  readonly samples: number[];
}

/** Trains one network on all engines, in turns. Whose losses are not ours is left out, and so is who can't. */
export async function competeInSteps(
  task: Task,
  contestants: readonly Contestant[],
  pace: Pace,
  say: (line: string) => void,
): Promise<readonly StepTiming[]> {
  const running: Running[] = [];
  try {
    for (const contestant of contestants) {
      if (running.some((one) => one.contestant.engine === contestant.insteadOf)) continue;
      const outcome = await admit(task, contestant, running[0]?.losses ?? null);
      if (typeof outcome === 'string') say(`${task.network.title}, ${contestant.engine}: ${outcome}`);
      else running.push(outcome);
    }
    for (const one of running) await warmUp(one, pace.warmUpMs);
    for (let round = 0; round < pace.rounds; round++) {
      for (const one of running) await timeRound(one, pace.slotMs);
    }
    return running.map((one) => timingOf(task, one, running[0]?.losses ?? []));
  } finally {
    for (const { training } of running) training.release();
  }
}

/** Starts an engine and compares its losses: or why it is not timed. */
async function admit(
  task: Task,
  contestant: Contestant,
  expected: readonly number[] | null,
): Promise<Running | string> {
  const first = task.batches.slice(0, 1);
  const losses: number[] = [];
  let training: Training | null = null;
  let lastMs = 0;
  try {
    training = await start(contestant, task);
    const begin = performance.now();
    while (losses.length < COMPARED_STEPS && (losses.length < 2 || performance.now() - begin < COMPARED_MS)) {
      const before = performance.now();
      losses.push(await training.train(first));
      lastMs = performance.now() - before;
    }
  } catch (error) {
    training?.release();
    return `not timed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const difference = expected === null ? 0 : lossDifference(expected, losses);
  if (difference <= MOST_LOSS_DIFFERENCE) {
    const batches = lastMs > SLOW_STEP_MS ? first : task.batches;
    return { contestant, training, losses, batches, firstBytes: training.memoryBytes(), samples: [] };
  }
  training.release();
  return `not timed: its losses ${losses.join(', ')} are not ${expected?.join(', ')}`;
}

/** The largest difference of two courses, as a part of the first one; NaN where there is a NaN. */
export function lossDifference(expected: readonly number[], losses: readonly number[]): number {
  return losses.reduce((most, loss, i) => {
    const wanted = expected[i] ?? Number.NaN;
    return Math.max(most, Math.abs(loss - wanted) / Math.abs(wanted));
  }, 0);
}

/** Engines compile what is hot meanwhile. Whoever is slow has done so in the steps that were compared. */
async function warmUp({ training, batches }: Running, milliseconds: number): Promise<void> {
  if (batches.length === 1) return;
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await training.train(batches);
}

async function timeRound({ training, batches, samples }: Running, slotMs: number): Promise<void> {
  const spent = samples.reduce((sum, ms) => sum + ms * batches.length, 0);
  if (spent > TIMED_MS) return;
  const times = await timeSlot(() => training.train(batches), 1, slotMs);
  samples.push(...times.map((ms) => ms / batches.length));
}

function timingOf(
  task: Task,
  { contestant, training, losses, firstBytes, samples }: Running,
  expected: readonly number[],
): StepTiming {
  const medianMs = median(samples);
  const lastBytes = training.memoryBytes();
  return {
    task,
    contestant,
    medianMs,
    leastMs: Math.min(...samples),
    gmacPerSecond: task.macs / medianMs / 1e6,
    comparedLosses: losses.length,
    lossDifference: lossDifference(expected, losses),
    memory: firstBytes === null || lastBytes === null ? null : { first: firstBytes, last: lastBytes },
  };
}
