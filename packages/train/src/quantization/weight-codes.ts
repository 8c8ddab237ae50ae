import type { FixedCall } from '../network/fixed-call.js';
import type { Grid } from './grid.js';
import type { GridShape } from './grid-shape.js';

/** Addresses that a weight is rounded between. */
export interface WeightPlaces {
  readonly reals: number;
  /** Of the loss by the rounded values; becomes that by the reals. 0 where it is not trained. */
  readonly gradient: number;
  /** Where the rounded values go; null for a place of their own. */
  readonly rounded: number | null;
  /** Room for so many floats, as long as the weight is held so. */
  room(floats: number): number;
}

/** The fake quantization of a weight: from what is trained to values on the grid, and gradients back. */
export class WeightCodes {
  readonly grid: Grid;
  /** Address of the values on the grid. */
  readonly rounded: number;
  readonly prepare: readonly FixedCall[];
  readonly collect: readonly FixedCall[];

  constructor(grid: Grid, { outer, slices, inner }: GridShape, places: WeightPlaces) {
    const { reals, gradient, room } = places;
    this.grid = grid;
    this.rounded = places.rounded ?? room(outer * slices * inner);
    const { scales, zeros, low, high } = grid;
    const parameters = [scales, zeros, low, high];
    const shape = [outer, slices, inner, reals];
    this.prepare = [{ kernel: 'fakeQuantizeF32', args: [...shape, ...parameters, this.rounded] }];
    const calls: FixedCall[] = [];
    this.collect = calls;
    if (gradient === 0) return;
    const factor = grid.factor(outer * inner);
    const sums = factor === null ? 0 : room(outer * slices);
    calls.push({
      kernel: 'fakeQuantizeGradientF32',
      args: [...shape, gradient, ...parameters, gradient, sums],
    });
    if (factor === null || grid.parameter === null) return;
    const at = room(1);
    calls.push({ kernel: 'fillF32', args: [1, factor, at] });
    // Addresses of what stays are numbers.
    const call = (kernel: FixedCall['kernel'], args: readonly unknown[]) =>
      void calls.push({ kernel, args: args as readonly number[] });
    grid.recordGradient(call, { outer, sums, factor: at }, grid.parameter.gradient);
  }
}
