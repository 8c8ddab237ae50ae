import { type Dim, unknownDim } from '../../ir/value-type.js';
import { betterDim, type Dims, dimsDiffer, printDims } from '../dims.js';
import { type Contents, type NodeView, type PartialType, unknownDims } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';

const concat: ShapeRule = {
  infer: (view) => [{ dtype: firstType(view), dims: concatDims(view) }],
  evaluate(view) {
    const parts = view.node.inputs.map((_, index) => partOf(view, index));
    return [parts.every((part) => part !== null) ? parts.flat() : null];
  },
};

/** A vector of a known length with unknown elements is still a part of that length. */
function partOf(view: NodeView, index: number): Contents | null {
  const contents = view.contents(index);
  if (contents !== null) return contents;
  const count = view.dims(index)?.length === 1 ? view.length(index) : null;
  return count === null || count > 64 ? null : unknownDims(count);
}

function firstType(view: NodeView): PartialType['dtype'] {
  for (const index of view.node.inputs.keys()) {
    const dtype = view.dtype(index);
    if (dtype !== null) return dtype;
  }
  return null;
}

function concatDims(view: NodeView): Dims | null {
  const shapes = view.node.inputs.map((_, index) => view.dims(index));
  const rank = shapes.find((dims) => dims !== null)?.length;
  if (rank === undefined) return null;
  const axis = view.axis(view.attributes.int('axis', 0), rank);
  let total: Dim = 0;
  let result: Dims = unknownDims(rank);
  for (const dims of shapes) {
    const part: Dims = dims ?? unknownDims(rank);
    if (part.length !== rank || part.some((dim, i) => i !== axis && dimsDiffer(dim, result[i]))) {
      throw view.fail(
        `Shapes ${shapes.map(printDims).join(', ')} do not concatenate along axis ${axis}.`,
        'All dims but that axis must be equal.',
      );
    }
    const size: Dim = part[axis] ?? unknownDim;
    if (total === 0) total = size;
    else
      total =
        typeof total === 'number' && typeof size === 'number'
          ? total + size
          : size === 0
            ? total
            : unknownDim;
    result = result.map((dim, i) => betterDim(dim, part[i] ?? unknownDim));
  }
  return result.map((dim, i) => (i === axis ? total : dim));
}

const split: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    const count = view.node.outputs.length;
    const dtype = view.dtype(0);
    if (dims === null) return view.node.outputs.map(() => ({ dtype, dims: null }));
    const axis = view.axis(view.attributes.int('axis', 0), dims.length);
    const parts = splitSizes(view, dims[axis] ?? unknownDim, count);
    return parts.map((part) => ({ dtype, dims: dims.map((dim, i) => (i === axis ? part : dim)) }));
  },
  evaluate(view) {
    const contents = view.contents(0);
    if (contents === null) return [];
    const parts = splitSizes(view, contents.length, view.node.outputs.length);
    let at = 0;
    return parts.map((part) => {
      const from = at;
      at += Number(part);
      return contents.slice(from, at);
    });
  },
};

/** @see ONNX Split, opset 18: chunks of ceil(size / count), the last one smaller */
function splitSizes(view: NodeView, size: Dim, count: number): readonly Dim[] {
  if (view.has(1)) {
    const sizes = view.contents(1) ?? unknownDims(count);
    const total = sizes.reduce<number>((sum, part) => sum + Number(part), 0);
    if (sizes.length !== count || dimsDiffer(size, Number.isNaN(total) ? unknownDim : total)) {
      throw view.fail(`Parts ${printDims(sizes)} do not make up ${size} elements in ${count} outputs.`);
    }
    return sizes;
  }
  const chunks = view.attributes.int('num_outputs', count);
  if (typeof size !== 'number') return unknownDims(count);
  const chunk = Math.ceil(size / chunks);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(chunk, size - i * chunk)));
}

const slice: ShapeRule = {
  least: 3,
  infer: (view) => [{ dtype: view.dtype(0), dims: slicedDims(view) }],
  evaluate(view) {
    const contents = view.contents(0);
    const [start] = view.numbers(1) ?? [];
    const [end] = view.numbers(2) ?? [];
    const [step] = view.has(4) ? (view.numbers(4) ?? []) : [1];
    if (contents === null || start === undefined || end === undefined || step === undefined) return [null];
    const { first, count } = sliceRange(contents.length, start, end, step);
    return [Array.from({ length: count }, (_, i) => contents[first + i * step] ?? unknownDim)];
  },
};

function slicedDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  const count = view.rankFrom(1) ?? view.rankFrom(2);
  const axes = view.has(3)
    ? view.numbers(3)
    : count === null
      ? null
      : Array.from({ length: count }, (_, i) => i);
  if (axes === null) return unknownDims(dims.length);
  const result = [...dims];
  for (const [i, axis] of view.axes(axes, dims.length).entries()) {
    const step = view.has(4) ? view.contents(4)?.[i] : 1;
    result[axis] = slicedDim(
      view,
      dims[axis] ?? unknownDim,
      view.contents(1)?.[i],
      view.contents(2)?.[i],
      step,
    );
  }
  return result;
}

/** Ends from here on mean "to the end": int32's and int64's largest numbers both do. */
const endless = 2 ** 31 - 1;

function slicedDim(view: NodeView, size: Dim, start?: Dim, end?: Dim, step?: Dim): Dim {
  if (step === 0) throw view.fail('A step is 0.');
  if (typeof size !== 'number') {
    const whole = start === 0 && step === 1 && (end === size || (typeof end === 'number' && end >= endless));
    return whole ? size : unknownDim;
  }
  if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number') return unknownDim;
  return sliceRange(size, start, end, step).count;
}

/** @see ONNX Slice, opset 13: starts and ends are clamped, by [0, n - 1] and [-1, n - 1] for steps backwards */
function sliceRange(
  size: number,
  start: number,
  end: number,
  step: number,
): { first: number; count: number } {
  const clip = (at: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, at < 0 ? at + size : at));
  const first = step > 0 ? clip(start, 0, size) : clip(start, 0, size - 1);
  const last = step > 0 ? clip(end, 0, size) : clip(end, -1, size - 1);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

const gather: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const indices = view.dims(1);
    if (dims === null || indices === null) return [{ dtype: view.dtype(0), dims: null }];
    const axis = view.axis(view.attributes.int('axis', 0), dims.length);
    return [{ dtype: view.dtype(0), dims: [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)] }];
  },
  evaluate(view) {
    const contents = view.contents(0);
    const indices = view.numbers(1);
    if (contents === null || indices === null) return [null];
    return [indices.map((i) => contents[i < 0 ? i + contents.length : i] ?? unknownDim)];
  },
};

const gatherND: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const indices = view.dims(1);
    const depth = indices?.at(-1);
    if (dims === null || indices === null || typeof depth !== 'number')
      return [{ dtype: view.dtype(0), dims: null }];
    const batch = view.attributes.int('batch_dims', 0);
    if (batch + depth > dims.length) throw view.fail(`${depth} indices reach past rank ${dims.length}.`);
    return [{ dtype: view.dtype(0), dims: [...indices.slice(0, -1), ...dims.slice(batch + depth)] }];
  },
};

/** Shaped like the indices, of the first input's type. */
const gatherElements: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0), dims: view.dims(1) }],
};

const scatter: ShapeRule = {
  least: 3,
  infer: (view) => [{ dtype: view.dtype(0), dims: view.dims(0) }],
};

const topK: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const k = view.contents(1)?.[0] ?? unknownDim;
    const axis = dims === null ? 0 : view.axis(view.attributes.int('axis', -1), dims.length);
    const size = dims?.[axis];
    if (typeof k === 'number' && typeof size === 'number' && k > size) {
      throw view.fail(`The ${k} largest of ${size} elements are asked for.`);
    }
    const top = dims === null ? null : dims.map((dim, i) => (i === axis ? k : dim));
    return [
      { dtype: view.dtype(0), dims: top },
      { dtype: 'int64', dims: top },
    ];
  },
};

const oneHot: ShapeRule = {
  least: 3,
  infer(view) {
    const dims = view.dims(0);
    if (dims === null) return [{ dtype: view.dtype(2), dims: null }];
    const axis = view.axis(view.attributes.int('axis', -1), dims.length + 1);
    const depth = view.contents(1)?.[0] ?? unknownDim;
    return [{ dtype: view.dtype(2), dims: [...dims.slice(0, axis), depth, ...dims.slice(axis)] }];
  },
};

const nonZero: ShapeRule = {
  infer: (view) => [{ dtype: 'int64', dims: [view.dims(0)?.length ?? unknownDim, unknownDim] }],
};

const compress: ShapeRule = {
  least: 2,
  infer(view) {
    const axis = view.attributes.int('axis');
    const dims = view.dims(0);
    if (axis === undefined) return [{ dtype: view.dtype(0), dims: [unknownDim] }];
    const at = dims === null ? 0 : view.axis(axis, dims.length);
    return [{ dtype: view.dtype(0), dims: dims?.map((dim, i) => (i === at ? unknownDim : dim)) ?? null }];
  },
};

export const selectionRules: ShapeRules = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherND: gatherND,
  GatherElements: gatherElements,
  Scatter: scatter,
  ScatterElements: scatter,
  ScatterND: scatter,
  TensorScatter: { ...scatter, least: 2 },
  TopK: topK,
  OneHot: oneHot,
  NonZero: nonZero,
  Compress: compress,
};
