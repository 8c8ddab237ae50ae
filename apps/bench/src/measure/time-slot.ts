import benchmark from 'benchmark';
import lodash from 'lodash';
import platform from 'platform';

/** performance.now() has 5 microseconds in an isolated page: 4 ms are a thousand of these. */
const SAMPLE_MS = 4;

/** V8 swaps a hot WebAssembly function for its optimised code at the next call of it. */
const LEAST_WARM_UP_CALLS = 5;

/**
 * benchmark.js on the clock of pages: it finds no timer finer than a millisecond there by itself. In a
 * bundle it does not find its libraries either.
 */
const Benchmark = benchmark.runInContext({
  _: lodash,
  platform,
  document: null, // with one, it injects scripts that look for a global of its name
  Date: Object.assign(() => performance.now(), { now: () => performance.now() }),
}) as typeof benchmark; // its types say Function

/** How many calls fill a sample. Runs for `warmUpMs` at least: engines compile what is hot meanwhile. */
export async function callsPerSample(call: () => Promise<unknown>, warmUpMs: number): Promise<number> {
  let calls = 0;
  const start = performance.now();
  let least = Infinity;
  let now = start;
  while (calls < LEAST_WARM_UP_CALLS || now - start < warmUpMs) {
    const before = now;
    await call();
    now = performance.now();
    if (calls++ > 0) least = Math.min(least, now - before);
  }
  const mean = (now - start) / calls;
  return Math.max(1, Math.ceil(SAMPLE_MS / Math.max(least, mean / 4, 1e-4)));
}

/**
 * Times calls for about `slotMs`.
 *
 * @param calls - how many calls make one sample
 * @returns milliseconds for one call, of each sample
 * @throws what a call throws
 */
export function timeSlot(call: () => Promise<unknown>, calls: number, slotMs: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    let failure: unknown = null;
    const run = async (deferred: { resolve(): void }): Promise<void> => {
      try {
        for (let i = 0; i < calls; i++) await call();
      } catch (error) {
        failure = error;
        bench.abort();
      }
      deferred.resolve();
    };
    const bench = new Benchmark('slot', {
      defer: true,
      fn: run,
      delay: 0,
      initCount: 1,
      minSamples: 1,
      minTime: 1e-6, // one round of calls is one sample
      maxTime: slotMs / 1000,
      onComplete() {
        if (failure !== null) reject(failure);
        else resolve(bench.stats.sample.map((seconds) => (seconds * 1000) / calls));
      },
    });
    bench.run({ async: true });
  });
}
