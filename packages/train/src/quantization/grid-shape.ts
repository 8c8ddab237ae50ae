import { type Layout, memoryAxis, splitAround } from '@espalier/runtime/tape';
import type { Grid } from './grid.js';

/** How the slices of a grid lie in memory: [outer, slices, inner]. */
export interface GridShape {
  readonly outer: number;
  readonly slices: number;
  readonly inner: number;
}

/** How the slices of a grid lie in a tensor of that shape. */
export function gridShape(dims: readonly number[], layout: Layout, { axis }: Grid): GridShape {
  if (axis === null) return { outer: 1, slices: 1, inner: dims.reduce((a, b) => a * b, 1) };
  const { outer, length, inner } = splitAround(dims, layout, memoryAxis(axis, dims.length, layout));
  return { outer, slices: length, inner };
}
