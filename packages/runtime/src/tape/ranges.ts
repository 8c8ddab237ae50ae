import type { RowRange } from '@espalier/kernels';

/** A part below this many multiply-accumulates costs more to hand over than it saves. */
const leastMacs = 200_000;

/** Parts a thread: more than one, so that a thread that was held up does not hold up the others. */
const partsPerThread = 4;

/** Cuts `count` rows into parts of nearly the same size. */
export function rangesOf(count: number, macs: number, threads: number): readonly RowRange[] {
  const wanted = threads === 1 ? 1 : Math.min(threads * partsPerThread, Math.floor(macs / leastMacs), count);
  const parts = Math.max(wanted, 1);
  return Array.from({ length: parts }, (_, i) => ({
    first: Math.floor((count * i) / parts),
    end: Math.floor((count * (i + 1)) / parts),
  }));
}
