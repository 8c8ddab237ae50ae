import { ShapeError, type Tensor } from '@espalier/core';
import { viewWords } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Layout, memoryDims } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import type { Recorder } from '../tape/recorder.js';
import { memoryAxis } from './axes.js';
import { isFloat32Value, needed } from './operands.js';

/** The axes of a view that `permute` can copy, however they stand. */
const mostAxes = 5;

/** What of an axis is taken: `count` elements from `first` on, `step` apart. */
interface Part {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** Slice of float32 with constant starts, ends, axes and steps, in the layout at hand. */
export function planSliceFloat32(job: Job): Planned | Refusal {
  const { node } = job;
  const given = node.inputs.slice(1);
  const tensors = given.map((value) => job.constant(value));
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  if (given.some((value, index) => value !== null && tensors[index] === null))
    return refuse('its bounds are not constant');
  if (!hasFewAxes(job)) return refuse(`its rank is not known to be at most ${mostAxes}`);
  const [starts, ends, axes, steps] = tensors.map(numbersOf);
  const count = starts?.length ?? 0;
  if (ends?.length !== count || [axes, steps].some((list) => list != null && list.length !== count))
    return refuse('its bounds are not of one length');
  if (steps?.includes(0)) return refuse('a step is 0');
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const parts: Part[] = x.dims.map((dim) => ({ first: 0, count: dim, step: 1 }));
    for (let i = 0; i < count; i++) {
      const axis = axisOf(job, axes?.[i] ?? i, x.dims.length);
      parts[axis] = partOf(x.dims[axis] ?? 0, starts?.[i] ?? 0, ends?.[i] ?? 0, steps?.[i] ?? 1);
    }
    return [copyParts(recorder, x, parts)];
  };
  return { compute, packed: [1, 2, 3, 4] };
}

/** Split of float32 by constant sizes or into equal parts, in the layout at hand. */
export function planSplitFloat32(job: Job): Planned | Refusal {
  const { node, outputs } = job;
  const sizes = numbersOf(job.constant(node.inputs[1]));
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  if (node.inputs[1] != null && sizes === null) return refuse('its sizes are not constant');
  if (!hasFewAxes(job)) return refuse(`its rank is not known to be at most ${mostAxes}`);
  const pieces = sizes?.length ?? node.attributes.int('num_outputs', outputs.length);
  if (pieces !== outputs.length) return refuse(`it makes ${pieces} parts, and has ${outputs.length} outputs`);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const axis = axisOf(job, node.attributes.int('axis', 0), x.dims.length);
    const length = x.dims[axis] ?? 0;
    // Equal parts, of which the last may be smaller.
    const equal = Math.ceil(length / pieces);
    const all = sizes ?? outputs.map((_, i) => Math.max(0, Math.min(equal, length - i * equal)));
    if (all.some((size) => size < 0) || all.reduce((a, b) => a + b, 0) !== length) {
      throw new ShapeError({
        what: `Split can't cut ${length} elements into parts of ${all.join(', ')}.`,
        where: `node "${node.name}"`,
      });
    }
    let first = 0;
    return all.map((count, index) => {
      const part = { first, count, step: 1 };
      first += count;
      if (outputs[index] == null) return null;
      const parts = x.dims.map((dim, i) => (i === axis ? part : { first: 0, count: dim, step: 1 }));
      return copyParts(recorder, x, parts);
    });
  };
  return { compute, packed: [1] };
}

/** Expand of float32 to a constant shape. */
export function planExpandFloat32(job: Job): Planned | Refusal {
  const { node } = job;
  const shape = numbersOf(job.constant(node.inputs[1]));
  const rank = node.inputs[0]?.type?.dims?.length ?? node.inputs[0]?.constant?.dims.length;
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  if (shape === null) return refuse('its shape is not constant');
  if (rank === undefined || Math.max(rank, shape.length) > mostAxes)
    return refuse(`its rank is not known to be at most ${mostAxes}`);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const most = Math.max(x.dims.length, shape.length);
    const own = [...new Array<number>(most - x.dims.length).fill(1), ...x.dims];
    const wanted = [...new Array<number>(most - shape.length).fill(1), ...shape];
    if (own.some((dim, axis) => dim !== 1 && wanted[axis] !== 1 && dim !== wanted[axis])) {
      throw new ShapeError({
        what: `Expand can't repeat [${x.dims.join(', ')}] to [${shape.join(', ')}].`,
        where: `node "${node.name}"`,
      });
    }
    const dims = own.map((dim, axis) => (dim === 1 ? (wanted[axis] ?? 1) : dim));
    const strides = denseStrides(own).map((stride, axis) => (own[axis] === 1 ? 0 : stride));
    return [copyView(recorder, x, dims, 'row-major', dims, strides, 0)];
  };
  return { compute, packed: [1] };
}

function hasFewAxes({ node }: Job): boolean {
  const dims = node.inputs[0]?.type?.dims ?? node.inputs[0]?.constant?.dims;
  return dims != null && dims.length <= mostAxes;
}

function numbersOf(tensor: Tensor | null): readonly number[] | null {
  return tensor === null ? null : Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

function axisOf({ node }: Job, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new ShapeError({
    what: `${node.op} has axis ${axis}, its input is of rank ${rank}.`,
    where: `node "${node.name}"`,
  });
}

/** Bounds beyond the axis are moved to it, a negative one counts from the back (ONNX Slice). */
function partOf(size: number, start: number, end: number, step: number): Part {
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (index: number) => Math.min(most, Math.max(least, index < 0 ? index + size : index));
  const first = bound(start);
  const count = Math.max(0, Math.ceil((bound(end) - first) / step));
  return { first: count === 0 ? 0 : first, count, step };
}

/** Some of each axis, as a tensor of its own in the same layout. */
function copyParts(recorder: Recorder, x: Activation, parts: readonly Part[]): Activation {
  const { layout } = x;
  const rank = x.dims.length;
  const strides = denseStrides(memoryDims(x.dims, layout));
  let start = 0;
  const steps = [...strides];
  for (const [axis, { first, step }] of parts.entries()) {
    const at = memoryAxis(axis, rank, layout);
    start += first * (strides[at] ?? 0);
    steps[at] = step * (strides[at] ?? 0);
  }
  const dims = parts.map(({ count }) => count);
  return copyView(recorder, x, dims, layout, memoryDims(dims, layout), steps, start);
}

/** @param start - index of the view's first element in x; sizes and strides are those of memory */
function copyView(
  recorder: Recorder,
  x: Activation,
  dims: readonly number[],
  layout: Layout,
  sizes: readonly number[],
  strides: readonly number[],
  start: number,
): Activation {
  const y = Activation.reals(recorder, dims, layout);
  // There is a plan: the planners let in few axes only.
  const plan = recorder.held.place(viewWords(sizes, strides, 4) ?? new Int32Array());
  recorder.call('permute', [plan, x.reals(layout).plus(start * 4), y.reals(layout)]);
  return y;
}

function denseStrides(dims: readonly number[]): readonly number[] {
  return dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
}
