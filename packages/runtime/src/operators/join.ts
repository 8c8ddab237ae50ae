import { Tensor } from '@espalier/core';
import { moved, storageFor } from './elements.js';
import { modelError, shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily, Outputs } from './operator.js';
import { splitAt } from './strides.js';
import { allTypes } from './type-sets.js';

/** Operators that put tensors together along an axis, or take them apart. */
export const joins: OperatorFamily = {
  Concat: {
    types: allTypes,
    run(inputs, call) {
      const axis = call.attributes.int('axis');
      if (axis === undefined) throw modelError(call, 'attribute "axis" is missing.');
      return [
        concat(
          inputs.filter((tensor) => tensor !== null),
          axis,
          call,
        ),
      ];
    },
  },
  Split: { types: allTypes, run: split },
};

/** The tensors one after the other along `axis`; all other dims must agree. */
export function concat(tensors: readonly Tensor[], givenAxis: number, call: NamedCall): Tensor {
  const first = tensors[0];
  if (first === undefined) throw modelError(call, 'it has no inputs.');
  const axis = resolveAxis(givenAxis, first.dims.length, call);
  const dims = [...first.dims];
  dims[axis] = 0;
  for (const tensor of tensors) {
    const agrees =
      tensor.dims.length === dims.length && tensor.dims.every((dim, i) => i === axis || dim === dims[i]);
    if (!agrees) {
      throw shapeError(
        call,
        `shapes ${shown(first.dims)} and ${shown(tensor.dims)} differ beside axis ${axis}.`,
      );
    }
    if (tensor.type !== first.type)
      throw unsupported(call, `types ${first.type} and ${tensor.type} do not mix.`);
    dims[axis] = (dims[axis] ?? 0) + (tensor.dims[axis] ?? 0);
  }
  const data = storageFor(first.type, dims, call);
  const { outer, length, inner } = splitAt(dims, axis);
  let offset = 0;
  for (const tensor of tensors) {
    const block = (tensor.dims[axis] ?? 0) * inner;
    const from = moved(tensor.data);
    for (let o = 0; o < outer; o++) {
      moved(data).set(from.subarray(o * block, (o + 1) * block), o * length * inner + offset);
    }
    offset += block;
  }
  return new Tensor(first.type, data, dims);
}

function split(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const axis = resolveAxis(call.attributes.int('axis', 0), x.dims.length, call);
  const { outer, length, inner } = splitAt(x.dims, axis);
  let first = 0;
  return splitSizes(length, optional(inputs, 1), call).map((size) => {
    const dims = x.dims.map((dim, i) => (i === axis ? size : dim));
    const data = storageFor(x.type, dims, call);
    for (let o = 0; o < outer; o++) {
      const start = (o * length + first) * inner;
      moved(data).set(moved(x.data).subarray(start, start + size * inner), o * size * inner);
    }
    first += size;
    return new Tensor(x.type, data, dims);
  });
}

/** Given sizes, or equal ones of which the last may be smaller. */
function splitSizes(length: number, given: Tensor | null, call: NamedCall): number[] {
  if (given !== null) {
    const sizes = integersOf(given);
    const sum = sizes.reduce((a, b) => a + b, 0);
    if (sum === length && sizes.every((size) => size >= 0)) return sizes;
    throw shapeError(call, `sizes ${shown(sizes)} do not sum to the ${length} of the axis.`);
  }
  const count = call.attributes.int('num_outputs', call.outputs.length);
  if (count < 1 || count !== call.outputs.length) {
    throw shapeError(call, `num_outputs is ${count}, the node has ${call.outputs.length} outputs.`);
  }
  const size = Math.ceil(length / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, length - i * size)));
}
