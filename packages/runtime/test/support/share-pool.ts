import type { Kernels } from '@espalier/kernels';
import type { SessionOptions } from '@espalier/runtime';
import { vi } from 'vitest';
import { ThreadPool } from '../../src/threads/thread-pool.js';

/** Threads that many sessions have had in common. */
export interface SharedPool {
  /** Ends them; returns how many tapes they were told of: those with instructions of several parts. */
  close(): number;
}

/**
 * Sessions on these kernels get the same threads, one session after the other, instead of starting some of their own: that takes
 * longer than most conformance cases. Sessions that join more kernels to them still start their own.
 *
 * @returns null where sessions have one thread
 */
export async function sharePool({ kernels, threads = 1 }: SessionOptions): Promise<SharedPool | null> {
  if (kernels === undefined || threads === 1 || threads === 'auto') return null;
  const startOwn = ThreadPool.start.bind(ThreadPool);
  const pool = await startOwn(kernels, threads);
  const announce = vi.spyOn(pool, 'announce');
  const release = vi.spyOn(pool, 'release').mockReturnValue();
  const isSame = (wanted: Kernels): boolean => wanted.memory === kernels.memory && wanted.more === undefined;
  const start = vi
    .spyOn(ThreadPool, 'start')
    .mockImplementation(async (wanted, count) => (isSame(wanted) ? pool : startOwn(wanted, count)));
  return {
    close() {
      const tapes = announce.mock.calls.length;
      for (const spy of [announce, release, start]) spy.mockRestore();
      pool.release();
      return tapes;
    },
  };
}
