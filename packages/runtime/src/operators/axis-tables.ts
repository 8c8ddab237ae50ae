import { stridesOf } from './strides.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/**
 * Copies each result element from where tables, one an axis, say: `tables[axis][index]` is the source's
 * index on that axis, -1 for "leave the result as it is".
 */
export function pickByTables(
  out: Float32Array,
  from: Float32Array,
  fromDims: readonly number[],
  tables: readonly Int32Array[],
): void {
  const strides = stridesOf(fromDims);
  const last = tables.length - 1;
  const lastTable = tables[last] ?? Int32Array.of(0);
  if (out.length === 0) return;
  const index = new Array<number>(tables.length).fill(0);
  for (let row = 0; row < out.length; row += lastTable.length) {
    const base = rowStart(index, tables, strides, last);
    if (base >= 0) {
      for (let i = 0; i < lastTable.length; i++) {
        const source = lastTable[i]!;
        if (source >= 0) out[row + i] = from[base + source]!;
      }
    }
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < tables[axis]!.length) break;
      index[axis] = 0;
    }
  }
}

function rowStart(
  index: readonly number[],
  tables: readonly Int32Array[],
  strides: readonly number[],
  last: number,
): number {
  let base = 0;
  for (let axis = 0; axis < last; axis++) {
    const source = tables[axis]![index[axis]!]!;
    if (source < 0) return -1;
    base += source * strides[axis]!;
  }
  return base;
}
