import { elementCount } from '@espalier/core';
import { type Layout, memoryDims } from '../memory/layout.js';

/** A tensor in memory, seen as [outer, length, inner]. */
export interface Split {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Where an axis of a shape stands in memory. */
export function memoryAxis(axis: number, rank: number, layout: Layout): number {
  if (layout === 'row-major' || rank < 3 || axis === 0) return axis;
  return axis === 1 ? rank - 1 : axis - 1;
}

/** Around the axes from `first` up to, not including, `end`; both are axes of memory. */
export function splitAround(
  dims: readonly number[],
  layout: Layout,
  first: number,
  end: number = first + 1,
): Split {
  const inMemory = memoryDims(dims, layout);
  return {
    outer: elementCount(inMemory.slice(0, first)),
    length: elementCount(inMemory.slice(first, end)),
    inner: elementCount(inMemory.slice(end)),
  };
}
