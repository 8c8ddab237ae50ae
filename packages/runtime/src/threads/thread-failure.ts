import { ThreadError } from '@espalier/core';

/** The error for a worker that could not be started, or failed in a run. */
export function threadFailure(reason: string, cause?: unknown): ThreadError {
  return new ThreadError({
    what: `A worker thread failed: ${reason}.`,
    where: 'threads of a session',
    fix: 'Create the session again; with threads: 1 if it fails again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
