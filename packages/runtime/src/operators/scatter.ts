import { elementCount, isBigInt, isFloat, Tensor } from '@espalier/core';
import {
  type BigInts,
  bigIntsOf,
  moved,
  type Numbers,
  numbersOf,
  storageFor,
  tensorFrom,
} from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { elementOffsets, sliceOffsets } from './gather.js';
import { required, resolveAxis, shown } from './inputs.js';
import type { BinaryFunction } from './map.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { allTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Operators that write at positions given by a tensor. */
export const scatters: OperatorFamily = {
  ScatterElements: { types: allTypes, required: 3, run: (inputs, call) => [scatterElements(inputs, call)] },
  ScatterND: { types: allTypes, required: 3, run: (inputs, call) => [scatterND(inputs, call)] },
};

const reductions: Readonly<Record<string, BinaryFunction>> = {
  add: { number: (a, b) => a + b, bigint: (a, b) => a + b },
  mul: { number: (a, b) => a * b, bigint: (a, b) => a * b },
  max: { number: Math.max, bigint: (a, b) => (a > b ? a : b) },
  min: { number: Math.min, bigint: (a, b) => (a < b ? a : b) },
};

function scatterElements(inputs: Inputs, call: NamedCall): Tensor {
  const [x, indices, updates] = operands(inputs, call);
  const axis = resolveAxis(call.attributes.int('axis', 0), x.dims.length, call);
  if (shown(indices.dims) !== shown(updates.dims)) {
    throw shapeError(call, `updates are of shape ${shown(updates.dims)}, indices of ${shown(indices.dims)}.`);
  }
  return scattered(x, elementOffsets(x.dims, indices, axis, call), 1, updates, call);
}

function scatterND(inputs: Inputs, call: NamedCall): Tensor {
  const [x, indices, updates] = operands(inputs, call);
  const offsets = sliceOffsets(x.dims, indices, 0, call);
  const sliceDims = x.dims.slice(indices.dims.at(-1) ?? 0);
  const expected = [...indices.dims.slice(0, -1), ...sliceDims];
  if (shown(updates.dims) !== shown(expected)) {
    throw shapeError(call, `updates are of shape ${shown(updates.dims)}, ${shown(expected)} is expected.`);
  }
  return scattered(x, offsets, elementCount(sliceDims), updates, call);
}

function operands(inputs: Inputs, call: NamedCall): [Tensor, Tensor, Tensor] {
  const [x, indices, updates] = [
    required(inputs, 0, call),
    required(inputs, 1, call),
    required(inputs, 2, call),
  ];
  if (updates.type !== x.type) throw unsupported(call, `updates are ${updates.type}, data ${x.type}.`);
  return [x, indices, updates];
}

/** A copy of `x` with a run of `size` updates at each offset, in order: later ones see earlier ones. */
function scattered(x: Tensor, offsets: Int32Array, size: number, updates: Tensor, call: NamedCall): Tensor {
  const name = call.attributes.string('reduction', 'none');
  if (name === 'none') {
    const data = storageFor(x.type, x.dims, call);
    moved(data).set(moved(x.data));
    eachUpdate(moved(data), moved(updates.data), offsets, size, (_, update) => update);
    return new Tensor(x.type, data, x.dims);
  }
  const f = reductions[name];
  if (f === undefined) throw unsupported(call, `reduction "${name}" is unknown.`);
  if (isBigInt(x.type)) {
    const data: BigInts = bigIntsOf(x).slice();
    eachUpdate(data, bigIntsOf(updates), offsets, size, f.bigint!);
    return new Tensor(x.type, data, x.dims);
  }
  const data: Numbers = numbersOf(x).slice();
  const number = name === 'mul' && !isFloat(x.type) ? Math.imul : f.number;
  eachUpdate(data, numbersOf(updates), offsets, size, number);
  return tensorFrom(x.type, data, x.dims);
}

function eachUpdate<E>(
  data: { [index: number]: E },
  updates: { readonly [index: number]: E },
  offsets: Int32Array,
  size: number,
  f: (old: E, update: E) => E,
): void {
  for (let i = 0; i < offsets.length; i++) {
    const start = offsets[i]!;
    for (let k = 0; k < size; k++) data[start + k] = f(data[start + k]!, updates[i * size + k]!);
  }
}
