import type { Dim } from '../../ir/value-type.js';
import { unknownDim } from '../../ir/value-type.js';
import type { Dims } from '../dims.js';
import type { NodeView } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';

/** `dims` with some of them reduced to 1, or taken out. */
function reduceDims(dims: Dims, axes: readonly number[], keep: boolean): Dims {
  const reduced: Dim[] = [];
  for (const [index, dim] of dims.entries()) {
    if (!axes.includes(index)) reduced.push(dim);
    else if (keep) reduced.push(1);
  }
  return reduced;
}

/** Reductions over the axes of input 1; over all where it is left out or empty. */
const reduce: ShapeRule = {
  infer(view) {
    return [{ dtype: view.dtype(0), dims: reducedDims(view) }];
  },
};

function reducedDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  const keep = view.attributes.int('keepdims', 1) !== 0;
  const axes = view.has(1) ? view.numbers(1) : [];
  if (axes === null) return unknownAxes(view, dims, keep);
  if (axes.length > 0) return reduceDims(dims, view.axes(axes, dims.length), keep);
  if (view.attributes.int('noop_with_empty_axes', 0) !== 0) return dims;
  return reduceDims(dims, [...dims.keys()], keep);
}

/** Without the axes themselves, their number still tells the rank. */
function unknownAxes(view: NodeView, dims: Dims, keep: boolean): Dims | null {
  if (keep) return dims.map((): Dim => unknownDim);
  const count = view.length(1);
  if (count === null || count === 0 || count > dims.length) return null;
  return dims.slice(count).map((): Dim => unknownDim);
}

const argument: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    if (dims === null) return [{ dtype: 'int64', dims: null }];
    const axis = view.axis(view.attributes.int('axis', 0), dims.length);
    const keep = view.attributes.int('keepdims', 1) !== 0;
    return [{ dtype: 'int64', dims: reduceDims(dims, [axis], keep) }];
  },
};

export const reductionRules: ShapeRules = {
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
  ArgMax: argument,
  ArgMin: argument,
};
