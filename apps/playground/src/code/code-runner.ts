import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Failure } from '../rpc/protocol.js';
import { shownFailure } from '../shell/message.js';
import type { RunGives } from '../studio/api.js';
import { Studio } from '../studio/studio.js';
import { SEED } from '../workbench/runner.js';
import { dataHere, opened, type Subject } from '../workbench/workbench.js';

/** Seconds that a pass of the reader's may take. */
export const timeLimits: readonly number[] = [3, 10, 60];
export const timeLimit: Signal<number> = signal(10);

/** Lines of its console that are kept. */
const MOST_LINES = 500;

const outcomeNow: Signal<RunGives | null> = signal(null);
export const outcome: ReadonlySignal<RunGives | null> = outcomeNow;
const linesNow: Signal<readonly string[]> = signal([]);
/** What the code wrote to its console. */
export const lines: ReadonlySignal<readonly string[]> = linesNow;
const runningNow = signal(false);
export const isRunning: ReadonlySignal<boolean> = runningNow;
export const failure: Signal<Failure | null> = signal(null);

/** A worker of its own: what the code breaks, the open model and the other views do not notice. */
const studio = new Studio();
let opensHere: Subject | null = null;

/** Compiles a pass and runs it on the open model, with Huffman codes behind it. */
export async function runCode(source: string): Promise<void> {
  const subject = opened.peek();
  if (subject === null || runningNow.peek()) return;
  runningNow.value = true;
  failure.value = null;
  linesNow.value = [];
  try {
    const { compile } = await import('./compile.js');
    const script = compile(source);
    if (opensHere !== subject) await studio.open(subject.source);
    opensHere = subject;
    outcomeNow.value = await studio.call(
      'runCode',
      { script, seed: SEED, data: dataHere() },
      {
        timeLimit: 1000 * timeLimit.peek(),
        onNews: ({ line }) => {
          if (linesNow.value.length < MOST_LINES) linesNow.value = [...linesNow.value, line];
        },
      },
    );
  } catch (error) {
    failure.value = shownFailure(error);
  } finally {
    runningNow.value = false;
  }
}
