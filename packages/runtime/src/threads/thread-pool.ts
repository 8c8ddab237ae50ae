import { ThreadError } from '@espalier/core';
import type { Kernels } from '@espalier/kernels';
import type { ResolvedInstruction } from '../tape/tape.js';
import {
  CONTROL_WORDS,
  DONE,
  FAILED,
  INSTRUCTION,
  MOST_PARTS,
  PART_BITS,
  SLEEPERS,
  TAPE,
  TICKET,
  WAKE,
} from './control.js';
import { type PoolWorker, startWorker } from './start-worker.js';
import { threadFailure } from './thread-failure.js';

/** Turns of waiting between two looks at the clock and at the flag of failure. */
const TURNS_PER_LOOK = 4096;
/** A part that nobody has done after this long is lost: the largest ones take some 0.1 s. */
const PATIENCE_MS = 20_000;
/** A clock that jumps while we wait has seen the machine sleep. */
const LONGEST_TICK_MS = 100;
const START_LIMIT_MS = 20_000;

/**
 * Workers over the memory of a session, which take parts of instructions beside the thread that runs it.
 *
 * They help, and are never waited for unless they have taken a part: a worker that starts late or that the system
 * holds up costs speed only. The running thread may not block (a page's main thread can't): it takes parts too, and
 * then spins until the last one is done.
 */
export class ThreadPool {
  /** The calling thread included. */
  readonly threads: number;
  readonly #control: Int32Array = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  readonly #workers: PoolWorker[] = [];
  #failure: string | null = null;
  #tapes = 0;
  #sequence = 0;

  private constructor(threads: number) {
    this.threads = threads;
  }

  /**
   * Starts the workers and waits until they are ready.
   *
   * @throws {ThreadError} when one can't be started
   */
  static async start(kernels: Kernels, threads: number): Promise<ThreadPool> {
    const pool = new ThreadPool(threads);
    try {
      await within(
        START_LIMIT_MS,
        Promise.all(Array.from({ length: threads - 1 }, () => pool.#add(kernels))),
      );
    } catch (error) {
      pool.release();
      throw error instanceof ThreadError ? error : threadFailure('it could not be started', error);
    }
    return pool;
  }

  /** Tells the workers what a tape does. Only instructions of more than one part are of interest. */
  announce(instructions: readonly (ResolvedInstruction | null)[]): number {
    const tape = ++this.#tapes;
    const parallel = [...instructions.entries()].filter(([, one]) => one !== null && one.parts.length > 1);
    for (const worker of this.#workers) worker.post({ tape, instructions: parallel });
    return tape;
  }

  /** The workers need not know the tape any more. */
  forget(tape: number): void {
    for (const worker of this.#workers) worker.post({ forget: tape });
  }

  /** Workers that sleep get ready: there will be parts in a moment. */
  wake(): void {
    if (Atomics.load(this.#control, SLEEPERS) === 0) return;
    Atomics.add(this.#control, WAKE, 1);
    Atomics.notify(this.#control, WAKE);
  }

  /**
   * Does the parts of an instruction, whoever does them.
   *
   * @param parts - the calls; at most 255
   * @throws {ThreadError} when a worker has failed
   */
  run(tape: number, instruction: number, parts: readonly (() => void)[]): void {
    const control = this.#control;
    if (this.#failure !== null) throw threadFailure(this.#failure);
    this.#sequence = (this.#sequence + 1) & (0x7fffffff >> PART_BITS);
    Atomics.store(control, TAPE, tape);
    Atomics.store(control, INSTRUCTION, instruction);
    Atomics.store(control, DONE, 0);
    Atomics.store(control, TICKET, (this.#sequence << PART_BITS) | parts.length);
    this.wake();
    try {
      for (let part = this.#take(); part >= 0; part = this.#take()) {
        // In range: a ticket starts with as many as there are.
        (parts[part] as () => void)();
        Atomics.add(control, DONE, 1);
      }
    } catch (error) {
      // Others still write to memory: nothing may be run on it again.
      this.#failure = String(error);
      this.release();
      throw error;
    }
    for (let turns = 0; Atomics.load(control, DONE) < parts.length; turns++) {
      if (turns < TURNS_PER_LOOK) continue;
      this.#waitLonger(parts.length);
      break;
    }
  }

  /** Ends the workers. */
  release(): void {
    this.#failure ??= 'its session was released';
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /** The index of a part that is ours now; -1 when none is left. */
  #take(): number {
    for (;;) {
      const ticket = Atomics.load(this.#control, TICKET);
      const left = ticket & MOST_PARTS;
      if (left === 0) return -1;
      if (Atomics.compareExchange(this.#control, TICKET, ticket, ticket - 1) === ticket) return left - 1;
    }
  }

  /** Waits on, with an eye on the clock. */
  #waitLonger(parts: number): void {
    let waitedMs = 0;
    let before = performance.now();
    for (let turns = 1; Atomics.load(this.#control, DONE) < parts; turns++) {
      if (turns % TURNS_PER_LOOK !== 0) continue;
      if (Atomics.load(this.#control, FAILED) === 1) this.#fail('it threw in a run');
      const now = performance.now();
      waitedMs += Math.min(now - before, LONGEST_TICK_MS);
      before = now;
      if (waitedMs > PATIENCE_MS) this.#fail('it does not finish what it took');
    }
  }

  #fail(reason: string): never {
    this.#failure = reason;
    this.release();
    throw threadFailure(reason);
  }

  #add(kernels: Kernels): Promise<void> {
    return new Promise((resolve, reject) => {
      const onFailure = (reason: string): void => {
        this.#failure ??= reason;
        Atomics.store(this.#control, FAILED, 1);
        reject(threadFailure(reason));
      };
      const worker = startWorker({
        onFailure,
        onMessage(message) {
          const failed = failureIn(message);
          if (failed === null) resolve();
          else onFailure(failed);
        },
      });
      this.#workers.push(worker);
      const modules = [kernels.module, ...(kernels.more ?? [])];
      worker.post({ modules, memory: kernels.memory, words: this.#control });
    });
  }
}

/** Workers say that they are ready, or how they failed. */
function failureIn(message: unknown): string | null {
  const failed: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, 'failed') : null;
  return typeof failed === 'string' ? failed : null;
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(threadFailure(`it has not started within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
