import { OptionsError, UnsupportedError } from '@espalier/core';

/** How many threads run a model: a number, or as many as the machine has, up to four. */
export type Threads = number | 'auto';

/** More parts than this are not made of an instruction that takes long. */
const MOST_THREADS = 32;
/** Past four, shares of layers get small, and cores of phones slow. */
const MOST_BY_ITSELF = 4;

/**
 * The threads to run with, the calling one included.
 *
 * @throws {OptionsError} when it is no whole number of 1 ... 32, nor 'auto'
 * @throws {UnsupportedError} when a page that is not cross-origin isolated asks for more than one
 */
export function threadCount(threads: Threads): number {
  if (threads === 'auto') {
    const cores: number = globalThis.navigator?.hardwareConcurrency ?? 2;
    return canShareMemory() ? Math.min(Math.max(cores, 1), MOST_BY_ITSELF) : 1;
  }
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new OptionsError({
      what: `A session was to be run by ${String(threads)} threads.`,
      fix: `Give "threads" a whole number of 1 to ${MOST_THREADS}, or 'auto'.`,
    });
  }
  if (threads > 1 && !canShareMemory()) {
    throw new UnsupportedError({
      what: `The page is not cross-origin isolated, so ${threads} threads can't share memory.`,
      where: 'option "threads"',
      fix: 'Serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or give "threads" 1 or \'auto\'.',
    });
  }
  return threads;
}

function canShareMemory(): boolean {
  // Undefined where it is no page: Node shares memory always.
  return typeof SharedArrayBuffer === 'function' && Reflect.get(globalThis, 'crossOriginIsolated') !== false;
}
