import { sliceLayout } from '@espalier/core';

/**
 * The sum of squares of every slice of a tensor along an axis, in double.
 *
 * @param dims - row-major shape of `values`
 * @returns one for each index along `axis`
 */
export function sliceSquares(values: Float32Array, dims: readonly number[], axis: number): Float64Array {
  const { slices, inner } = sliceLayout(dims, axis);
  const sums = new Float64Array(slices);
  for (let start = 0, slice = 0; start < values.length; start += inner, slice = (slice + 1) % slices) {
    let sum = 0;
    for (let i = start; i < start + inner; i++) sum += values[i]! * values[i]!;
    sums[slice]! += sum;
  }
  return sums;
}
