import { elementCount, isBigInt, Tensor } from '@espalier/core';
import { moved, numbersOf, storageFor } from './elements.js';
import { dataError, shapeError, unsupported } from './failures.js';
import { required, resolveAxis, shown } from './inputs.js';
import type { NamedCall, OperatorFamily } from './operator.js';
import { splitAt, stridesOf } from './strides.js';
import { allTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Operators that read at positions given by a tensor. */
export const gathers: OperatorFamily = {
  Gather: {
    types: allTypes,
    required: 2,
    run: (inputs, call) => [gather(required(inputs, 0, call), required(inputs, 1, call), call)],
  },
  GatherElements: {
    types: allTypes,
    required: 2,
    run: (inputs, call) => [gatherElements(required(inputs, 0, call), required(inputs, 1, call), call)],
  },
  GatherND: {
    types: allTypes,
    required: 2,
    run: (inputs, call) => [gatherND(required(inputs, 0, call), required(inputs, 1, call), call)],
  },
};

/** Indices as numbers; int32 and int64 only. */
export function indicesOf(tensor: Tensor, call: NamedCall): ArrayLike<number> {
  if (tensor.type !== 'int32' && !isBigInt(tensor.type)) {
    throw unsupported(call, `indices are ${tensor.type}, int32 or int64 is expected.`);
  }
  return numbersOf(tensor);
}

/** An index into an axis of `size`, counted from the front. */
export function resolveIndex(index: number, size: number, call: NamedCall): number {
  const resolved = index < 0 ? index + size : index;
  if (resolved >= 0 && resolved < size) return resolved;
  throw dataError(call, `index ${index} is outside of an axis of ${size}.`);
}

function gather(x: Tensor, indices: Tensor, call: NamedCall): Tensor {
  const axis = resolveAxis(call.attributes.int('axis', 0), x.dims.length, call);
  const { outer, length, inner } = splitAt(x.dims, axis);
  const picks = Int32Array.from(indicesOf(indices, call), (index) => resolveIndex(index, length, call));
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  const data = storageFor(x.type, dims, call);
  const from = moved(x.data);
  const to = moved(data);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < picks.length; i++, at += inner) {
      const start = (o * length + picks[i]!) * inner;
      if (inner === 1) to[at] = from[start]!;
      else to.set(from.subarray(start, start + inner), at);
    }
  }
  return new Tensor(x.type, data, dims);
}

/** Offset in an array of shape `dims` of each element of `indices`, whose value replaces its place on `axis`. */
export function elementOffsets(
  dims: readonly number[],
  indices: Tensor,
  axis: number,
  call: NamedCall,
): Int32Array {
  const rank = dims.length;
  const fits =
    indices.dims.length === rank && indices.dims.every((dim, i) => i === axis || dim <= (dims[i] ?? 0));
  if (!fits) {
    throw shapeError(
      call,
      `indices of shape ${shown(indices.dims)} do not fit data of shape ${shown(dims)}.`,
    );
  }
  const strides = stridesOf(dims);
  const picks = indicesOf(indices, call);
  const offsets = new Int32Array(picks.length);
  const position = new Array<number>(rank).fill(0);
  for (let i = 0; i < offsets.length; i++) {
    let offset = resolveIndex(picks[i]!, dims[axis] ?? 0, call) * (strides[axis] ?? 0);
    for (let d = 0; d < rank; d++) if (d !== axis) offset += position[d]! * strides[d]!;
    offsets[i] = offset;
    for (let d = rank - 1; d >= 0; d--) {
      position[d] = position[d]! + 1;
      if (position[d]! < indices.dims[d]!) break;
      position[d] = 0;
    }
  }
  return offsets;
}

function gatherElements(x: Tensor, indices: Tensor, call: NamedCall): Tensor {
  const axis = resolveAxis(call.attributes.int('axis', 0), x.dims.length, call);
  const offsets = elementOffsets(x.dims, indices, axis, call);
  const data = storageFor(x.type, indices.dims, call);
  for (let i = 0; i < offsets.length; i++) moved(data)[i] = moved(x.data)[offsets[i]!]!;
  return new Tensor(x.type, data, indices.dims);
}

/**
 * Start of the slice that each index tuple names in an array of shape `dims`; tuples are the last axis of
 * `indices`, whose first `batchDims` axes are those of the data.
 */
export function sliceOffsets(
  dims: readonly number[],
  indices: Tensor,
  batchDims: number,
  call: NamedCall,
): Int32Array {
  const depth = indices.dims.at(-1) ?? 0;
  const sharesBatch = dims.slice(0, batchDims).every((dim, axis) => dim === indices.dims[axis]);
  if (indices.dims.length < batchDims + 1 || batchDims + depth > dims.length || !sharesBatch) {
    throw shapeError(
      call,
      `indices of shape ${shown(indices.dims)} do not fit data of shape ${shown(dims)}.`,
    );
  }
  const strides = stridesOf(dims);
  const picks = indicesOf(indices, call);
  const tuples = elementCount(indices.dims.slice(0, -1));
  const batches = elementCount(dims.slice(0, batchDims));
  const batchSize = elementCount(dims.slice(batchDims));
  const offsets = new Int32Array(tuples);
  for (let t = 0; t < tuples; t++) {
    let offset = Math.floor((t * batches) / tuples) * batchSize;
    for (let d = 0; d < depth; d++) {
      const axis = batchDims + d;
      offset += resolveIndex(picks[t * depth + d]!, dims[axis]!, call) * strides[axis]!;
    }
    offsets[t] = offset;
  }
  return offsets;
}

function gatherND(x: Tensor, indices: Tensor, call: NamedCall): Tensor {
  const batchDims = call.attributes.int('batch_dims', 0);
  const sliceDims = x.dims.slice(batchDims + (indices.dims.at(-1) ?? 0));
  const size = elementCount(sliceDims);
  const dims = [...indices.dims.slice(0, -1), ...sliceDims];
  const data = storageFor(x.type, dims, call);
  const offsets = sliceOffsets(x.dims, indices, batchDims, call);
  for (let i = 0; i < offsets.length; i++) {
    moved(data).set(moved(x.data).subarray(offsets[i]!, offsets[i]! + size), i * size);
  }
  return new Tensor(x.type, data, dims);
}
