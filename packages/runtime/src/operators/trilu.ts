import { Tensor } from '@espalier/core';
import { moved, storageFor } from './elements.js';
import { shapeError } from './failures.js';
import { optional, required, scalarInteger, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { allTypes } from './type-sets.js';

/** Trilu: the upper or lower triangle of each matrix, zeros elsewhere. */
export const triangles: OperatorFamily = {
  Trilu: { types: allTypes, run: (inputs, call) => [trilu(inputs, call)] },
};

function trilu(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const offset = optional(inputs, 1);
  const diagonal = offset === null ? 0 : scalarInteger(offset, 'k', call);
  const upper = call.attributes.int('upper', 1) !== 0;
  const [rows, columns] = [x.dims.at(-2), x.dims.at(-1)];
  if (rows === undefined || columns === undefined) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, matrices are expected.`);
  }
  const data = storageFor(x.type, x.dims, call);
  const [from, to] = [moved(x.data), moved(data)];
  for (let start = 0, row = 0; start < x.size; start += columns, row = (row + 1) % rows) {
    // Element j of row i is on the diagonal that k counts where j - i = k.
    const first = upper ? clampTo(row + diagonal, columns) : 0;
    const end = upper ? columns : clampTo(row + diagonal + 1, columns);
    to.set(from.subarray(start + first, start + end), start + first);
  }
  return new Tensor(x.type, data, x.dims);
}

function clampTo(value: number, size: number): number {
  return Math.min(size, Math.max(0, value));
}
