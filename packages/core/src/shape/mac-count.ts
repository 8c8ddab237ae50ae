import type { Model } from '../ir/model.js';
import type { Node } from '../ir/node.js';
import { staticDims } from '../ir/value-type.js';
import { elementCount } from '../tensor/tensor.js';

type Shapes = (list: 'inputs' | 'outputs', index: number) => readonly number[] | null;

function shapesOf(node: Node): Shapes {
  return (list, index) => staticDims(node[list][index]?.type ?? null);
}

/** Each output element is a sum over one kernel of the inputs of its group. */
function convolution(weights: number): (node: Node) => number | null {
  return (node) => {
    const shape = shapesOf(node);
    const [w, y] = [shape('inputs', weights), shape('outputs', 0)];
    return w === null || y === null ? null : elementCount(y) * elementCount(w.slice(1));
  };
}

/** Each input element is spread over one kernel of the outputs of its group. */
function transposedConvolution(node: Node): number | null {
  const shape = shapesOf(node);
  const [x, w] = [shape('inputs', 0), shape('inputs', 1)];
  return x === null || w === null ? null : elementCount(x) * elementCount(w.slice(1));
}

/** Each output element is a dot product of the rows' length. */
function product(left: number): (node: Node) => number | null {
  return (node) => {
    const shape = shapesOf(node);
    const [a, y] = [shape('inputs', left), shape('outputs', 0)];
    if (a === null || y === null) return null;
    const inner = node.attributes.int('transA', 0) === 1 ? a.at(-2) : a.at(-1);
    return elementCount(y) * (inner ?? 1);
  };
}

/** Every step multiplies input and state by the weights of all gates, in each direction. */
function recurrent(node: Node): number | null {
  const shape = shapesOf(node);
  const [x, w, r] = [shape('inputs', 0), shape('inputs', 1), shape('inputs', 2)];
  if (x === null || w === null || r === null) return null;
  return elementCount(x.slice(0, 2)) * (elementCount(w) + elementCount(r));
}

/** Scores, and the weighted sum of values. */
function attention(node: Node): number | null {
  const shape = shapesOf(node);
  const [q, k, v, y] = [shape('inputs', 0), shape('inputs', 1), shape('inputs', 2), shape('outputs', 0)];
  if (q === null || k === null || v === null || y === null) return null;
  const past = staticDims(node.inputs[4]?.type ?? null)?.[2] ?? 0;
  const keys = (k.length === 4 ? (k[2] ?? 0) : (k[1] ?? 0)) + past;
  return keys * (elementCount(q) + elementCount(y));
}

const counters: Readonly<Record<string, (node: Node) => number | null>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: transposedConvolution,
  Gemm: product(0),
  MatMul: product(0),
  MatMulInteger: product(0),
  QLinearMatMul: product(0),
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Attention: attention,
};

/**
 * Multiply-accumulates of one node for one run: 0 for operators that are no sums of products, null
 * where a shape is not known. Needs `inferShapes` before.
 */
export function macCount(node: Node): number | null {
  if (node.domain !== '' || !Object.hasOwn(counters, node.op)) return 0;
  return counters[node.op]?.(node) ?? null;
}

/** Trained numbers that a node reads: elements of its float and 8-bit constants. */
export function parameterCount(node: Node): number {
  return [...new Set(node.inputs)].reduce((sum, value) => sum + elementsOf(value), 0);
}

/** Trained numbers of the whole model, shared ones once. */
export function modelParameterCount({ graph }: Model): number {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return [...read].reduce((sum, value) => sum + elementsOf(value), 0);
}

function elementsOf(value: Node['inputs'][number]): number {
  const constant = value?.constant ?? null;
  // Other integers are shapes, axes and indices: no one trained them.
  return constant !== null && /^(float|u?int8)/.test(constant.type) ? elementCount(constant.dims) : 0;
}
