// Node only: the inspector is V8's own, in this process.
import { type Profiler, Session } from 'node:inspector';

/**
 * Counts the steps of JavaScript: how often each block of code ran, as V8 counts it for coverage. The same
 * for the same work on a machine of any speed.
 *
 * Functions count block by block where they were compiled after the first counter started, else by their calls.
 */
export class StepCounter {
  static #session: Session | null = null;
  #steps: number | null = null;

  /** Starts to count from zero. One counter at a time. */
  static start(): StepCounter {
    StepCounter.#take();
    return new StepCounter();
  }

  /** Lets functions be compiled so that their blocks are counted. */
  static prepare(): void {
    StepCounter.#open();
  }

  /** Steps since the start; the same when it is asked again. */
  stop(): number {
    this.#steps ??= StepCounter.#take();
    return this.#steps;
  }

  static #open(): Session {
    if (StepCounter.#session !== null) return StepCounter.#session;
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    StepCounter.#session = session;
    return session;
  }

  static #take(): number {
    let steps = 0;
    StepCounter.#open().post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      for (const script of taken.result) if (isSubject(script)) steps += stepsOf(script);
    });
    return steps;
  }
}

/** Neither Node's own scripts nor those of the test runner, which go on beside the run. */
function isSubject({ url }: Profiler.ScriptCoverage): boolean {
  return url !== '' && !url.startsWith('node:') && !/[/\\](@?vitest|vite)[/\\]/.test(url);
}

function stepsOf({ functions }: Profiler.ScriptCoverage): number {
  let steps = 0;
  for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  return steps;
}
