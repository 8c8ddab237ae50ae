import { type Graph, type Node, toNumbers, type Value } from '@espalier/core';
import { soleProducer } from '../simplify/producer.js';

/** Of nodes that only plans have. */
export const internalDomain = 'espalier.internal';

/** x (reals), codes of int8 [k, n], scale (one, or n), bias (n) or none: see `fuseDynamicProducts`. */
export const dynamicMatMul = 'DynamicMatMul';

/**
 * Makes one node of what ONNX Runtime's `quantize_dynamic` writes for a matrix product, and `quantize` with mode "dynamic":
 *
 *     q, s, z = DynamicQuantizeLinear(x);  y = Cast(MatMulInteger(q, w, z, wz)) * (s * ws) + bias
 *
 * Others may read q, s and z too.
 */
export function fuseDynamicProducts(graph: Graph): void {
  for (const node of graph.nodesOf('MatMulInteger')) fuse(graph, node);
  graph.removeDead();
}

function fuse(graph: Graph, node: Node): void {
  const [q, weights, zero, weightZero] = node.inputs;
  const source = graph.producer(q);
  if (source?.op !== 'DynamicQuantizeLinear' || source.outputs[0] !== q || source.outputs[2] !== zero) return;
  const [x, scale] = [source.inputs[0], source.outputs[1]];
  const dims = weights?.constant?.dims;
  if (x == null || weights == null || scale == null || dims?.length !== 2) return;
  if (weightZero != null && !isAllZero(weightZero)) return;
  if (weights.constant?.type !== 'int8') return;
  const cast = soleReader(graph, node.outputs[0], 'Cast');
  const product = cast === null ? null : soleReader(graph, cast.outputs[0], 'Mul');
  if (cast === null || product === null || cast.outputs[0]?.type?.dtype !== 'float32') return;
  const factor = product.inputs.find((input) => input !== cast.outputs[0]);
  const scales = soleProducer(graph, factor, 'Mul');
  const own = scales?.inputs.find((input) => input !== scale);
  const columns = dims[1] ?? 0;
  if (scales == null || !scales.inputs.includes(scale) || !isPerColumn(own, columns)) return;
  const add = soleReader(graph, product.outputs[0], 'Add');
  const bias = add?.inputs.find((input) => input !== product.outputs[0]);
  const isBiased = add !== null && isPerColumn(bias, columns);
  const last = isBiased ? add : product;
  graph.replaceNode(last, {
    op: dynamicMatMul,
    domain: internalDomain,
    name: node.name,
    inputs: [x, weights, own, ...(isBiased ? [bias] : [])].map((value) => value ?? null),
  });
}

/** The node that alone reads a value, where it is an `op`. */
function soleReader(graph: Graph, value: Value | null | undefined, op: string): Node | null {
  if (value == null || graph.isOutput(value) || graph.uses(value).size !== 1) return null;
  const [reader] = graph.consumers(value);
  return reader?.op === op && reader.domain === '' ? reader : null;
}

/** A constant of one number, or one for each column. */
function isPerColumn(value: Value | null | undefined, columns: number): value is Value {
  if (value?.constant?.type !== 'float32') return false;
  const { dims } = value.constant;
  const size = dims.reduce((a, b) => a * b, 1);
  return size === 1 ? dims.length <= 1 : size === columns && dims.at(-1) === columns;
}

function isAllZero({ constant }: Value): boolean {
  if (constant === null) return false;
  const zeros = toNumbers(constant.decode());
  for (let i = 0; i < zeros.length; i++) if (zeros[i] !== 0) return false;
  return true;
}
