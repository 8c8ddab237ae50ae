import { AbortedError } from '@espalier/core';

/**
 * Lets what else waits have its turn, a signal to stop among it: without, a long comparison could not be cancelled.
 *
 * @throws {AbortedError} where the signal is aborted
 */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (signal?.aborted) throw new AbortedError({ what: 'The diagnosis was cancelled.', cause: signal.reason });
}
