import type { RowRange } from '@espalier/kernels';

/** How rows are shared out. */
export interface Sharing {
  /** Multiply-accumulates below which a part is not worth handing over. */
  readonly leastMacs?: number;
  /** Given for what is no product: elements read, of which a part has `LEAST_ELEMENTS` at least. */
  readonly elements?: number;
  /** Rows below which a part works too little with the weights it reads: more than one a thread have as many. */
  readonly leastRows?: number;
  /** Rows that kernels compute together: parts are cut between them. */
  readonly unit?: number;
}

/**
 * About 4 microseconds in int8, 10 in float32. Handing over takes 0.7 microseconds while workers spin, and 9 to 12 where
 * one has to be woken: an instruction of 24 takes 13 on two threads then, or 31.
 */
const LEAST_MACS = 200_000;

/** As long as that: sums and quantizing take 0.4 to 0.6 nanoseconds an element, the largest of a window less. */
const LEAST_ELEMENTS = 8_000;

/** Parts a thread: more than one, so that a thread that was held up does not hold up the others. */
const MOST_PARTS_PER_THREAD = 4;

/**
 * Cuts `count` rows into parts of nearly the same size: as many for each thread, since three parts keep two
 * threads as long as four do.
 */
export function rangesOf(
  count: number,
  macs: number,
  threads: number,
  { leastMacs = LEAST_MACS, elements, leastRows = 1, unit = 1 }: Sharing = {},
): readonly RowRange[] {
  const units = Math.ceil(count / unit);
  const work = elements === undefined ? macs / leastMacs : elements / LEAST_ELEMENTS;
  const worthwhile = Math.min(Math.floor(work / threads), Math.floor(units / threads));
  const efficient = Math.max(Math.floor(count / (leastRows * threads)), 1);
  const parts = threads * Math.min(worthwhile, efficient, MOST_PARTS_PER_THREAD);
  if (threads === 1 || parts === 0) return [{ first: 0, end: count }];
  const cut = (part: number): number => Math.min(Math.round((units * part) / parts) * unit, count);
  return Array.from({ length: parts }, (_, part) => ({ first: cut(part), end: cut(part + 1) }));
}
