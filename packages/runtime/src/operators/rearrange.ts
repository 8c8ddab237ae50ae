import { Tensor } from '@espalier/core';
import { broadcastDims, broadcastView } from './broadcast.js';
import { moved, storageFor } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, resolveAxes, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { forEachRow, stridesOf, type View } from './strides.js';
import { allTypes } from './type-sets.js';

/** Operators whose result is a strided view of the input, copied. */
export const rearrangements: OperatorFamily = {
  Transpose: {
    types: allTypes,
    run(inputs, call) {
      const x = required(inputs, 0, call);
      const backwards = x.dims.map((_, axis) => x.dims.length - 1 - axis);
      return [transpose(x, call.attributes.ints('perm', backwards), call)];
    },
  },
  Slice: { types: allTypes, required: 3, run: (inputs, call) => [slice(inputs, call)] },
  Expand: {
    types: allTypes,
    required: 2,
    run(inputs, call) {
      const x = required(inputs, 0, call);
      const wanted = integersOf(required(inputs, 1, call));
      if (wanted.some((dim) => dim < 0)) throw shapeError(call, `shape ${shown(wanted)} has a negative dim.`);
      const dims = broadcastDims([x.dims, wanted], call);
      return [copyView(x, dims, broadcastView(x.dims, dims), call)];
    },
  },
  Tile: { types: allTypes, required: 2, run: (inputs, call) => [tile(inputs, call)] },
  DepthToSpace: { types: allTypes, run: (inputs, call) => [depthToSpace(required(inputs, 0, call), call)] },
  SpaceToDepth: { types: allTypes, run: (inputs, call) => [spaceToDepth(required(inputs, 0, call), call)] },
};

/** The elements that `view` sees in `x`, as a tensor of shape `dims`. */
export function copyView(x: Tensor, dims: readonly number[], view: View, call: NamedCall): Tensor {
  const data = storageFor(x.type, dims, call);
  const from = moved(x.data);
  const to = moved(data);
  forEachRow(dims, [view], (at, [start = 0], length, [step = 0]) => {
    if (step === 1) to.set(from.subarray(start, start + length), at);
    // In range: `view` reaches no further than the tensor.
    else for (let i = 0; i < length; i++) to[at + i] = from[start + i * step]!;
  });
  return new Tensor(x.type, data, dims);
}

/** `x` with its axes in the order of `perm`. */
export function transpose(x: Tensor, perm: readonly number[], call: NamedCall): Tensor {
  const rank = x.dims.length;
  if (perm.length !== rank || resolveAxes(perm, rank, call).length !== rank) {
    throw shapeError(call, `perm ${shown(perm)} does not order the axes of shape ${shown(x.dims)}.`);
  }
  const strides = stridesOf(x.dims);
  const pick = (values: readonly number[]) => perm.map((axis) => values.at(axis) ?? 0);
  return copyView(x, pick(x.dims), { start: 0, strides: pick(strides) }, call);
}

/** Starts and ends beyond the axis are clamped to it; a negative one counts from the back. */
function slice(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const starts = integersOf(required(inputs, 1, call));
  const ends = integersOf(required(inputs, 2, call));
  const axesInput = optional(inputs, 3);
  const stepsInput = optional(inputs, 4);
  const axes = axesInput === null ? starts.map((_, i) => i) : integersOf(axesInput);
  const steps = stepsInput === null ? starts.map(() => 1) : integersOf(stepsInput);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    throw shapeError(call, 'starts, ends, axes and steps are not of one length.');
  }
  const dims = [...x.dims];
  const strides = stridesOf(x.dims);
  let start = 0;
  for (const [i, given] of axes.entries()) {
    const axis = resolveAxis(given, x.dims.length, call);
    const size = x.dims[axis] ?? 0;
    const step = steps[i] ?? 1;
    if (step === 0) throw shapeError(call, `the step of axis ${axis} is 0.`);
    const first = bound(starts[i] ?? 0, size, step);
    const end = bound(ends[i] ?? 0, size, step);
    const count = Math.max(0, Math.ceil((end - first) / step));
    const stride = strides[axis] ?? 0;
    start += count === 0 ? 0 : first * stride;
    dims[axis] = count;
    strides[axis] = stride * step;
  }
  return copyView(x, dims, { start, strides }, call);
}

function bound(index: number, size: number, step: number): number {
  const fromFront = index < 0 ? index + size : index;
  // Walking backwards, the first element is size - 1 and the end that includes element 0 is -1.
  return step > 0 ? Math.min(size, Math.max(0, fromFront)) : Math.min(size - 1, Math.max(-1, fromFront));
}

function tile(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const repeats = integersOf(required(inputs, 1, call));
  if (repeats.length !== x.dims.length || repeats.some((count) => count < 0)) {
    throw shapeError(call, `repeats ${shown(repeats)} do not fit shape ${shown(x.dims)}.`);
  }
  // Each axis becomes a pair (repeat, dim), of which the repeat has stride 0.
  const own = stridesOf(x.dims);
  const pairs = x.dims.flatMap((dim, axis) => [repeats[axis] ?? 1, dim]);
  const strides = own.flatMap((stride) => [0, stride]);
  return copyView(x, pairs, { start: 0, strides }, call).reshape(
    x.dims.map((dim, axis) => dim * (repeats[axis] ?? 1)),
  );
}

function depthToSpace(x: Tensor, call: NamedCall): Tensor {
  const [batch, channels, height, width, block] = imageAndBlock(x, call);
  const depth = channels / (block * block);
  if (!Number.isInteger(depth)) {
    throw shapeError(call, `${channels} channels do not divide into blocks of ${block} x ${block}.`);
  }
  const mode = call.attributes.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD')
    throw unsupported(call, `mode "${mode}" is unknown.`, 'Use DCR or CRD.');
  const split =
    mode === 'DCR'
      ? transpose(x.reshape([batch, block, block, depth, height, width]), [0, 3, 4, 1, 5, 2], call)
      : transpose(x.reshape([batch, depth, block, block, height, width]), [0, 1, 4, 2, 5, 3], call);
  return split.reshape([batch, depth, height * block, width * block]);
}

function spaceToDepth(x: Tensor, call: NamedCall): Tensor {
  const [batch, channels, height, width, block] = imageAndBlock(x, call);
  const [rows, columns] = [height / block, width / block];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    throw shapeError(call, `an image of ${height} x ${width} does not divide into blocks of ${block}.`);
  }
  const split = x.reshape([batch, channels, rows, block, columns, block]);
  const depth = channels * block * block;
  return transpose(split, [0, 3, 5, 1, 2, 4], call).reshape([batch, depth, rows, columns]);
}

function imageAndBlock(x: Tensor, call: NamedCall): [number, number, number, number, number] {
  const [batch, channels, height, width] = x.dims;
  const block = call.attributes.int('blocksize', 0);
  if (
    x.dims.length !== 4 ||
    batch === undefined ||
    channels === undefined ||
    height === undefined ||
    width === undefined
  ) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, [N, C, H, W] is expected.`);
  }
  if (block < 1) throw shapeError(call, `blocksize is ${block}.`);
  return [batch, channels, height, width, block];
}
