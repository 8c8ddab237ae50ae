import { elementCount, Tensor } from '@espalier/core';
import { numbersOf, storageFor } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, resolveAxes, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorDefinition, OperatorFamily, Outputs } from './operator.js';
import { allTypes } from './type-sets.js';

function shaping(run: (inputs: Inputs, call: NamedCall) => Outputs, requiredInputs = 1): OperatorDefinition {
  return { types: allTypes, required: requiredInputs, run };
}

/** Operators that look at the shape, or give the same elements another one. No data is copied. */
export const shapeOperators: OperatorFamily = {
  Identity: shaping((inputs, call) => [required(inputs, 0, call)]),
  Dropout: shaping(dropout),
  Shape: shaping((inputs, call) => [shapeOf(required(inputs, 0, call), call)]),
  Size: shaping((inputs, call) => [
    new Tensor('int64', BigInt64Array.of(BigInt(required(inputs, 0, call).size)), []),
  ]),
  Reshape: shaping((inputs, call) => {
    const x = required(inputs, 0, call);
    return [x.reshape(reshaped(x, integersOf(required(inputs, 1, call)), call))];
  }, 2),
  Flatten: shaping((inputs, call) => {
    const x = required(inputs, 0, call);
    // One past the last axis is allowed: all axes then go to the first dim.
    const axis = call.attributes.int('axis', 1);
    const before = axis === x.dims.length ? axis : resolveAxis(axis, Math.max(x.dims.length, 1), call);
    return [x.reshape([elementCount(x.dims.slice(0, before)), elementCount(x.dims.slice(before))])];
  }),
  Squeeze: shaping((inputs, call) => {
    const x = required(inputs, 0, call);
    return [x.reshape(squeezed(x.dims, optional(inputs, 1), call))];
  }),
  Unsqueeze: shaping((inputs, call) => {
    const x = required(inputs, 0, call);
    return [x.reshape(unsqueezed(x.dims, integersOf(required(inputs, 1, call)), call))];
  }, 2),
};

/** Inference only: the input itself, and a mask that keeps everything. */
function dropout(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const ratio = optional(inputs, 1);
  const training = optional(inputs, 2);
  const drops = ratio === null || Number(numbersOf(ratio)[0]) !== 0;
  if (training?.data[0] && drops) {
    throw unsupported(call, 'training mode is not supported.', 'Set training_mode to false.');
  }
  if (!call.outputs[1]) return [x];
  const mask = storageFor('bool', x.dims, call) as Uint8Array;
  return [x, new Tensor('bool', mask.fill(1), x.dims)];
}

function shapeOf(x: Tensor, call: NamedCall): Tensor {
  const rank = x.dims.length;
  const clamped = (axis: number) => Math.min(rank, Math.max(0, axis < 0 ? axis + rank : axis));
  const start = clamped(call.attributes.int('start', 0));
  const end = clamped(call.attributes.int('end', rank));
  return new Tensor('int64', BigInt64Array.from(x.dims.slice(start, Math.max(start, end)), BigInt));
}

/** The dims that Reshape's second input means: 0 copies a dim, -1 takes what is left. */
function reshaped(x: Tensor, wanted: readonly number[], call: NamedCall): number[] {
  const keepZero = call.attributes.int('allowzero', 0) !== 0;
  const dims = wanted.map((dim, axis) => {
    if (dim !== 0 || keepZero) return dim;
    const copied = x.dims[axis];
    if (copied !== undefined) return copied;
    throw shapeError(call, `dim ${axis} of ${shown(wanted)} is to be copied from shape ${shown(x.dims)}.`);
  });
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const known = elementCount(dims.filter((_, axis) => axis !== open));
    dims[open] = known === 0 ? 0 : x.size / known;
  }
  const fits = dims.every((dim) => Number.isInteger(dim) && dim >= 0) && elementCount(dims) === x.size;
  if (fits) return dims;
  throw shapeError(call, `shape ${shown(x.dims)} can't be reshaped to ${shown(wanted)}.`);
}

function squeezed(dims: readonly number[], axes: Tensor | null, call: NamedCall): number[] {
  if (axes === null) return dims.filter((dim) => dim !== 1);
  const dropped = resolveAxes(integersOf(axes), dims.length, call);
  for (const axis of dropped) {
    if (dims[axis] !== 1) throw shapeError(call, `axis ${axis} of shape ${shown(dims)} is not 1.`);
  }
  return dims.filter((_, axis) => !dropped.includes(axis));
}

function unsqueezed(dims: readonly number[], axes: readonly number[], call: NamedCall): number[] {
  const added = resolveAxes(axes, dims.length + axes.length, call);
  const result = [...dims];
  for (const axis of added) result.splice(axis, 0, 1);
  return result;
}
