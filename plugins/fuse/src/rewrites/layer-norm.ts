import { float, type Graph, int, type Node, tensorOf, type Value } from '@espalier/core';
import { bothOrders, listOf, madeBy, scalarOf, withScalar } from '../match.js';
import type { Rewrite } from '../rewrite.js';

/** A normalized value in parts: (x - mean) / sqrt(variance + epsilon), over the axes from `axis` on. */
interface Parts {
  readonly x: Value;
  readonly axis: number;
  readonly epsilon: number;
}

/** @see Ba et al. 2016 (arXiv:1607.06450); ONNX LayerNormalization, opset 17 */
export const layerNorm: Rewrite = {
  name: 'layer-norm',
  about: 'Mean, deviation, division, scale and shift written out become LayerNormalization.',
  ops: ['Div', 'Mul'],
  apply(node, { graph }) {
    const [output] = node.outputs;
    const parts = readParts(graph, node);
    const dims = parts?.x.type?.dims?.slice(parts.axis);
    if (
      output == null ||
      parts === null ||
      dims === undefined ||
      !dims.every((dim) => typeof dim === 'number')
    )
      return false;
    const scaled = nextOf(graph, output, 'Mul', dims);
    const shifted = scaled === null ? null : nextOf(graph, scaled.output, 'Add', dims);
    const dtype = parts.x.type?.dtype ?? 'float32';
    const ones = (): Value => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      return graph.constant(tensorOf(dtype, new Array<number>(count).fill(1), dims), `${output.name}_scale`);
    };
    graph.replaceNode(shifted?.node ?? scaled?.node ?? node, {
      op: 'LayerNormalization',
      inputs: [parts.x, scaled?.constant ?? ones(), ...(shifted === null ? [] : [shifted.constant])],
      attributes: {
        axis: int(parts.axis - (parts.x.type?.dims?.length ?? 0)),
        epsilon: float(parts.epsilon),
      },
    });
    return true;
  },
};

/** Div(d, Sqrt(v + e)), or Mul(d, Reciprocal(Sqrt(v + e))), with d = x - mean and v = mean of d squared. */
function readParts(graph: Graph, node: Node): Parts | null {
  for (const [deviation, root] of node.op === 'Div' ? [[node.inputs[0], node.inputs[1]]] : bothOrders(node)) {
    const sqrt = madeBy(graph, inverseOf(graph, node, root), 'Sqrt');
    const add = madeBy(graph, sqrt?.inputs[0], 'Add');
    const sum = add === null ? null : withScalar(add);
    if (sum === null || deviation == null) continue;
    const parts = readDeviation(graph, deviation);
    if (parts === null || !isVariance(graph, sum.value, parts)) continue;
    return { x: parts.x, axis: parts.axis, epsilon: sum.scalar };
  }
  return null;
}

function inverseOf(graph: Graph, node: Node, root: Value | null | undefined): Value | null | undefined {
  if (node.op === 'Div') return root;
  const reciprocal = madeBy(graph, root, 'Reciprocal');
  if (reciprocal !== null) return reciprocal.inputs[0];
  const quotient = madeBy(graph, root, 'Div');
  return scalarOf(quotient?.inputs[0]) === 1 ? quotient?.inputs[1] : null;
}

/** x and the axes of x - ReduceMean(x). */
function readDeviation(graph: Graph, value: Value): { readonly x: Value; readonly axis: number } | null {
  const sub = madeBy(graph, value, 'Sub');
  const mean = madeBy(graph, sub?.inputs[1], 'ReduceMean');
  const x = sub?.inputs[0];
  // The operator computes in float32: what is float64 would lose digits.
  if (x?.type == null || mean === null || mean.inputs[0] !== x || !/^float(16|32)$/.test(x.type.dtype))
    return null;
  const axis = trailingAxis(mean, x.type.dims?.length);
  return axis === null ? null : { x, axis };
}

/** The first of the axes that are reduced, where these are the last ones, and kept as 1. */
function trailingAxis(node: Node, rank: number | undefined): number | null {
  const axes = listOf(node.inputs[1]);
  if (rank === undefined || axes === null || axes.length === 0) return null;
  if (node.attributes.int('keepdims', 1) === 0) return null;
  const sorted = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  const first = rank - axes.length;
  return sorted.every((axis, i) => axis === first + i) ? first : null;
}

/** Whether the value is the mean of the squared deviation from the same mean. */
function isVariance(graph: Graph, value: Value, { x, axis }: { x: Value; axis: number }): boolean {
  const mean = madeBy(graph, value, 'ReduceMean');
  if (mean === null || trailingAxis(mean, x.type?.dims?.length) !== axis) return false;
  const square = madeBy(graph, mean.inputs[0], 'Pow', 'Mul');
  const [base, exponent] = square?.inputs ?? [];
  if (base == null || (square?.op === 'Pow' ? scalarOf(exponent) !== 2 : exponent !== base)) return false;
  // Some exporters compute the deviation twice.
  const again = readDeviation(graph, base);
  return again?.x === x && again.axis === axis;
}

interface Next {
  readonly node: Node;
  readonly constant: Value;
  readonly output: Value;
}

/** The one reader of a value, where it is `op` with a constant of the normalized shape. */
function nextOf(graph: Graph, value: Value, op: string, dims: readonly number[]): Next | null {
  const [node] = graph.consumers(value);
  if (node?.op !== op || graph.uses(value).size !== 1 || value.type?.quantization !== undefined) return null;
  for (const [constant, other] of bothOrders(node)) {
    const [output] = node.outputs;
    if (other !== value || output == null || constant.constant?.dims.join() !== dims.join()) continue;
    return { node, constant, output };
  }
  return null;
}
