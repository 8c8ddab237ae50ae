import { type Dim, unknownDim } from '../../ir/value-type.js';
import { type Dims, dimsDiffer, printDims } from '../dims.js';
import type { NodeView } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';
import { like } from './elementwise.js';

/** RNN, GRU and LSTM, which have 1, 3 and 4 gates. @see ONNX LSTM, opset 22 */
function recurrent(gates: number, states: number): ShapeRule {
  return {
    least: 3,
    infer(view) {
      const x = view.dims(0);
      const hidden = hiddenSize(view, gates);
      const directions = view.attributes.string('direction', 'forward') === 'bidirectional' ? 2 : 1;
      checkWeights(view, gates, directions, hidden);
      const batchFirst = view.attributes.int('layout', 0) === 1;
      const [steps, batch] = batchFirst ? [x?.[1], x?.[0]] : [x?.[0], x?.[1]];
      const n = batch ?? unknownDim;
      const t = steps ?? unknownDim;
      const dtype = view.dtype(0);
      const all: Dims = batchFirst ? [n, t, directions, hidden] : [t, directions, n, hidden];
      const last: Dims = batchFirst ? [n, directions, hidden] : [directions, n, hidden];
      return [{ dtype, dims: all }, ...Array.from({ length: states }, () => ({ dtype, dims: last }))];
    },
  };
}

function hiddenSize(view: NodeView, gates: number): Dim {
  const named = view.attributes.int('hidden_size');
  if (named !== undefined) return named;
  const recurrence = view.dims(2);
  const rows = view.dims(1)?.[1];
  return recurrence?.[2] ?? (typeof rows === 'number' ? rows / gates : unknownDim);
}

function checkWeights(view: NodeView, gates: number, directions: number, hidden: Dim): void {
  const rows = typeof hidden === 'number' ? gates * hidden : unknownDim;
  const wanted: readonly (readonly [number, Dims])[] = [
    [1, [directions, rows, view.dims(0)?.[2] ?? unknownDim]],
    [2, [directions, rows, hidden]],
  ];
  for (const [index, dims] of wanted) {
    const weights = view.dims(index);
    if (weights === null) continue;
    if (weights.length !== 3 || weights.some((dim, i) => dimsDiffer(dim, dims[i]))) {
      throw view.fail(`Weights ${printDims(weights)} are expected to be ${printDims(dims)}.`);
    }
  }
}

const attention: ShapeRule = {
  least: 3,
  infer(view) {
    const query = heads(view, 0, 'q_num_heads');
    const key = heads(view, 1, 'kv_num_heads');
    const value = heads(view, 2, 'kv_num_heads');
    const dtype = view.dtype(0);
    if (query === null || value === null) return [{ dtype, dims: null }];
    const { batch, count, length } = query;
    const flat =
      typeof count === 'number' && typeof value.size === 'number' ? count * value.size : unknownDim;
    const y: Dims = view.dims(0)?.length === 3 ? [batch, length, flat] : [batch, count, length, value.size];
    const total = addDims(view.has(4) ? view.dims(4)?.[2] : 0, key?.length);
    return [
      { dtype, dims: y },
      { dtype: view.dtype(1), dims: key === null ? null : [batch, key.count, total, key.size] },
      { dtype: view.dtype(2), dims: [batch, value.count, total, value.size] },
      { dtype, dims: [batch, count, length, total] },
    ];
  },
};

interface Heads {
  readonly batch: Dim;
  readonly count: Dim;
  readonly length: Dim;
  readonly size: Dim;
}

/** [batch, heads, length, size], or [batch, length, heads * size] with the heads told by an attribute. */
function heads(view: NodeView, index: number, attribute: string): Heads | null {
  const dims = view.dims(index);
  if (dims === null) return null;
  const [batch = unknownDim, second = unknownDim, third = unknownDim, fourth = unknownDim] = dims;
  if (dims.length === 4) return { batch, count: second, length: third, size: fourth };
  const count = view.attributes.int(attribute);
  if (dims.length !== 3 || count === undefined || count < 1) {
    throw view.fail(`An input ${printDims(dims)} needs rank 4, or rank 3 and the attribute ${attribute}.`);
  }
  if (typeof third === 'number' && third % count !== 0) {
    throw view.fail(`${attribute} is ${count}, which does not divide the ${third} of ${printDims(dims)}.`);
  }
  return { batch, count, length: second, size: typeof third === 'number' ? third / count : unknownDim };
}

function addDims(a: Dim | undefined, b: Dim | undefined): Dim {
  if (a === 0) return b ?? unknownDim;
  return typeof a === 'number' && typeof b === 'number' ? a + b : unknownDim;
}

export const sequenceRules: ShapeRules = {
  RNN: recurrent(1, 1),
  GRU: recurrent(3, 1),
  LSTM: recurrent(4, 2),
  Attention: attention,
  RotaryEmbedding: like(3),
};
