import { type Dim, unknownDim } from '../../ir/value-type.js';
import { elementCount, toNumbers } from '../../tensor/tensor.js';
import { type Dims, divideDims, multiplyDims, printDims } from '../dims.js';
import { type Contents, type NodeView, type PartialType, unknownDims } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';
import { typeByNumber } from '../type-numbers.js';
import { arithmeticOperators, evaluateArithmetic } from './shape-arithmetic.js';

/** The first input's contents: of operators that move no element of a vector. */
function sameContents(view: NodeView): readonly (Contents | null)[] {
  return [view.contents(0)];
}

const shape: ShapeRule = {
  infer(view) {
    const dims = selectDims(view);
    return [{ dtype: 'int64', dims: dims === null ? unknownDims(1) : [dims.length] }];
  },
  evaluate: (view) => [selectDims(view)],
};

function selectDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  const rank = dims.length;
  const clip = (at: number): number => Math.min(rank, Math.max(0, at < 0 ? at + rank : at));
  return dims.slice(clip(view.attributes.int('start', 0)), clip(view.attributes.int('end', rank)));
}

const size: ShapeRule = {
  infer: () => [{ dtype: 'int64', dims: [] }],
  evaluate(view) {
    const dims = view.dims(0);
    return [dims === null ? null : [multiplyDims(dims)]];
  },
};

const reshape: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0), dims: reshapedDims(view) }],
  evaluate: sameContents,
};

function reshapedDims(view: NodeView): Dims | null {
  const input = view.dims(0);
  const target = view.contents(1);
  if (target === null) {
    const rank = view.rankFrom(1);
    return rank === null ? null : unknownDims(rank);
  }
  const copiesZero = view.attributes.int('allowzero', 0) === 0;
  const dims = target.map((dim, i) => (dim === 0 && copiesZero ? (input?.[i] ?? unknownDim) : dim));
  if (
    dims.some((dim) => typeof dim === 'number' && dim < -1) ||
    dims.filter((dim) => dim === -1).length > 1
  ) {
    throw view.fail(`The target ${printDims(target)} is no shape.`, 'One dim may be -1, no other negative.');
  }
  return input === null ? dims.map((dim) => (dim === -1 ? unknownDim : dim)) : fillOpenDim(view, input, dims);
}

/** The one dim left open, -1 or unknown, follows from the others. */
function fillOpenDim(view: NodeView, input: Dims, dims: Dims): Dims {
  const marked = dims.indexOf(-1);
  const unknown = dims.filter((dim) => dim === unknownDim).length;
  const open = marked >= 0 ? marked : unknown === 1 ? dims.indexOf(unknownDim) : -1;
  const misfit = (): Error =>
    view.fail(
      `A tensor ${printDims(input)} can't take the shape ${printDims(dims)}.`,
      'Keep the element count.',
    );
  if (open < 0) {
    if (divideDims(input, dims) === null) throw misfit();
    const counts = [input, dims].map((all) => all.every((dim) => typeof dim === 'number'));
    const [before, after] = [input, dims].map((all) => elementCount(all as number[])); // used where all are numbers
    if (counts.every(Boolean) && before !== after) throw misfit();
    return dims;
  }
  const filled = divideDims(
    input,
    dims.filter((_, i) => i !== open),
  );
  if (filled === null) throw misfit();
  return dims.map((dim, i) => (i === open ? filled : dim));
}

const flatten: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    if (dims === null) return [{ dtype: view.dtype(0), dims: unknownDims(2) }];
    const axis = view.attributes.int('axis', 1);
    const at = axis < 0 ? axis + dims.length : axis;
    if (at < 0 || at > dims.length) throw view.fail(`Axis ${axis} is outside of rank ${dims.length}.`);
    return [{ dtype: view.dtype(0), dims: [multiplyDims(dims.slice(0, at)), multiplyDims(dims.slice(at))] }];
  },
};

const squeeze: ShapeRule = {
  infer: (view) => [{ dtype: view.dtype(0), dims: squeezedDims(view) }],
  evaluate: sameContents,
};

function squeezedDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  if (!view.has(1)) {
    // A name may stand for 1: then even the rank is open.
    return dims.every((dim) => typeof dim === 'number') ? dims.filter((dim) => dim !== 1) : null;
  }
  const given = view.numbers(1);
  if (given === null) return null;
  const axes = view.axes(given, dims.length);
  const solid = axes.find((axis) => typeof dims[axis] === 'number' && dims[axis] !== 1);
  if (solid !== undefined) {
    throw view.fail(`Axis ${solid} of ${printDims(dims)} is not 1.`, 'Squeeze axes of size 1 only.');
  }
  return dims.filter((_, i) => !axes.includes(i));
}

const unsqueeze: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const given = view.numbers(1);
    if (dims === null || given === null) return [{ dtype: view.dtype(0), dims: null }];
    const rank = dims.length + given.length;
    const axes = view.axes(given, rank);
    const rest = [...dims];
    const result = Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? 1)));
    return [{ dtype: view.dtype(0), dims: result }];
  },
  evaluate: sameContents,
};

const transpose: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    if (dims === null) return [{ dtype: view.dtype(0), dims: null }];
    const order = view.attributes.ints('perm') ?? [...dims.keys()].reverse();
    if (order.length !== dims.length || new Set(order).size !== dims.length) {
      throw view.fail(`The order [${order.join(', ')}] does not permute ${printDims(dims)}.`);
    }
    return [
      { dtype: view.dtype(0), dims: order.map((axis) => dims[view.axis(axis, dims.length)] ?? unknownDim) },
    ];
  },
  evaluate: sameContents,
};

const expand: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0), dims: expandedDims(view) }],
  evaluate(view) {
    const contents = view.contents(0);
    const dims = expandedDims(view);
    const count = dims?.length === 1 ? dims[0] : undefined;
    if (contents === null || typeof count !== 'number' || count > 64) return [null];
    return [contents.length === count ? contents : new Array<Dim>(count).fill(contents[0] ?? unknownDim)];
  },
};

function expandedDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  const target = view.contents(1);
  if (dims === null) return null;
  if (target === null) {
    const rank = view.rankFrom(1);
    return rank === null ? null : unknownDims(Math.max(rank, dims.length));
  }
  const rank = Math.max(dims.length, target.length);
  return Array.from({ length: rank }, (_, i) => {
    const from = dims[i - rank + dims.length] ?? 1;
    const to = target[i - rank + target.length] ?? 1;
    return expandDim(view, from, to);
  });
}

function expandDim(view: NodeView, from: Dim, to: Dim): Dim {
  // -1 keeps the size: exporters write it, ONNX Runtime takes it.
  if (to === 1 || to === -1) return from;
  if (from === 1) return to;
  if (typeof from === 'number' && typeof to === 'number' && from !== to) {
    throw view.fail(`A dim of ${from} does not expand to ${to}.`, 'Only dims of 1 expand.');
  }
  return typeof from === 'number' ? from : typeof to === 'number' ? to : from === to ? from : unknownDim;
}

const cast: ShapeRule = {
  infer: (view) => [{ dtype: typeByNumber(view.attributes.int('to')), dims: view.dims(0) }],
  evaluate(view) {
    const to = typeByNumber(view.attributes.int('to'));
    const contents = view.contents(0) ?? null;
    if (to === null || contents === null) return [null];
    if (to === 'bool') return [contents.map((x) => (typeof x === 'number' ? Number(x !== 0) : unknownDim))];
    const whole = to.startsWith('int') || to.startsWith('uint');
    return [contents.map((x) => (whole && typeof x === 'number' ? Math.trunc(x) : x))];
  },
};

const castLike: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(1), dims: view.dims(0) }],
};

const constantOfShape: ShapeRule = {
  infer(view) {
    const contents = view.contents(0);
    const rank = view.rankFrom(0);
    if (contents?.some((dim) => typeof dim === 'number' && dim < 0)) {
      throw view.fail(`The shape ${printDims(contents)} has a negative dim.`);
    }
    const dtype = view.attributes.tensor('value')?.type ?? 'float32';
    return [{ dtype, dims: contents ?? (rank === null ? null : unknownDims(rank)) }];
  },
  evaluate(view) {
    const count = view.numbers(0);
    if (count === null || count.length > 1 || (count[0] ?? 1) > 64) return [null];
    const value = view.attributes.tensor('value');
    return [new Array<Dim>(count[0] ?? 1).fill(value === undefined ? 0 : (toNumbers(value)[0] ?? 0))];
  },
};

const constant: ShapeRule = {
  least: 0,
  infer: ({ attributes }) => [constantType(attributes)],
};

function constantType(attributes: NodeView['attributes']): PartialType | null {
  for (const [name, attribute] of attributes) {
    if (attribute.type === 'tensor') return { dtype: attribute.value.type, dims: attribute.value.dims };
    if (name === 'value_int') return { dtype: 'int64', dims: [] };
    if (name === 'value_float') return { dtype: 'float32', dims: [] };
    if (attribute.type === 'ints') return { dtype: 'int64', dims: [attribute.value.length] };
    if (attribute.type === 'floats') return { dtype: 'float32', dims: [attribute.value.length] };
  }
  return null;
}

const range: ShapeRule = {
  least: 3,
  infer: (view) => [{ dtype: view.dtype(0), dims: [rangeLength(view)] }],
  evaluate(view) {
    const [start, , delta] = [0, 1, 2].map((index) => view.contents(index)?.[0]);
    const count = rangeLength(view);
    if (typeof start !== 'number' || typeof delta !== 'number') return [null];
    if (typeof count !== 'number' || count > 64) return [null];
    return [Array.from({ length: count }, (_, i) => start + i * delta)];
  },
};

function rangeLength(view: NodeView): Dim {
  const [start, limit, delta] = [0, 1, 2].map((index) => view.contents(index)?.[0]);
  if (start === 0 && delta === 1 && limit !== undefined) return limit;
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number') return unknownDim;
  if (delta === 0) throw view.fail('The step is 0.');
  return Math.max(0, Math.ceil((limit - start) / delta));
}

export const shapeOperatorRules: ShapeRules = {
  Shape: shape,
  Size: size,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Cast: cast,
  CastLike: castLike,
  ConstantOfShape: constantOfShape,
  Constant: constant,
  Range: range,
};

/** Adds what is known of elements to the rules of operators that shapes are computed with. */
export function withArithmetic(rules: ShapeRules): ShapeRules {
  const extended: Record<string, ShapeRule> = { ...rules };
  for (const op of arithmeticOperators) {
    const rule = rules[op];
    if (rule !== undefined) extended[op] = { ...rule, evaluate: evaluateArithmetic };
  }
  const identity = rules['Identity'];
  if (identity !== undefined) extended['Identity'] = { ...identity, evaluate: sameContents };
  return extended;
}
