import type { Kernels } from '@espalier/kernels';
import type { ThreadPool } from './thread-pool.js';

/** Workers over the memory of kernels. A page that runs on one thread loads nothing of this. */
export async function startThreads(kernels: Kernels, threads: number): Promise<ThreadPool> {
  const { ThreadPool } = await import('./thread-pool.js');
  return ThreadPool.start(kernels, threads);
}
