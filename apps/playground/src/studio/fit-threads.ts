import type { Step } from '@espalier/core';

/** Threads that a worker of this page may train with: 1 where memory can't be shared. */
export function threadsHere(): number {
  return globalThis.crossOriginIsolated === true ? Math.min(navigator.hardwareConcurrency, 4) : 1;
}

/**
 * The same steps with no more threads than there are. What comes out does not depend on it: a file has the same hash from
 * one thread as from many.
 */
export function fitThreads(steps: readonly Step[], most: number): readonly Step[] {
  return steps.map(({ pass, options }) => ({ pass, options: fitted(options, most) as object }));
}

function fitted(value: unknown, most: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'threads' && typeof inner === 'number' ? Math.min(inner, most) : fitted(inner, most),
    ]),
  );
}
