import {
  affine,
  type Encoding,
  type Graph,
  type Node,
  quantization,
  roundedToRange,
  Tensor,
  toFloat32,
  toNumbers,
  type Value,
} from '@espalier/core';
import { elementTypeNumber } from '../proto/element-types.js';

/**
 * Turns what ONNX Runtime's `quantize_dynamic` writes into what the IR has for it, a rounding of the activation to its own range and a
 * product with integer weights:
 *
 *     q, s, z = DynamicQuantizeLinear(x);  y = Cast(MatMulInteger(q, w, z, wz)) * (s * ws) + bias
 *
 * and the same with ConvInteger, or with DequantizeLinear(q, s, z). Others may read q, s and z too. What has another form stays
 * operators.
 */
export function foldDynamicRanges(graph: Graph): void {
  for (const node of graph.nodesOf('MatMulInteger')) foldProduct(graph, node, matrix);
  for (const node of graph.nodesOf('ConvInteger')) foldProduct(graph, node, convolution);
  for (const node of graph.nodesOf('DequantizeLinear')) {
    const [q, s, z] = node.inputs;
    const [source, output] = [graph.producer(q), node.outputs[0]];
    const x = source === undefined ? null : sourceOf(source, q, z);
    if (x === null || output == null || source?.outputs[1] !== s || graph.isOutput(output)) continue;
    graph.replaceAllUses(output, roundedToRange(graph, x));
    graph.remove(node);
  }
}

/** Where a product has its outputs: along which axis of the weights, and how many axes of the result stand behind them. */
interface Kind {
  readonly op: 'MatMul' | 'Conv';
  weightAxis(weights: Encoding): number | null;
  axesBehind(weights: Encoding): number;
}

const matrix: Kind = {
  op: 'MatMul',
  weightAxis: ({ dims }) => (dims.length === 2 ? 1 : null),
  axesBehind: () => 0,
};
const convolution: Kind = {
  op: 'Conv',
  weightAxis: ({ dims }) => (dims.length > 2 ? 0 : null),
  axesBehind: ({ dims }) => dims.length - 2,
};

/** What a DynamicQuantizeLinear has put on a grid, where these are its codes and its zero point. */
function sourceOf(node: Node, q: Value | null | undefined, z: Value | null | undefined): Value | null {
  const isIt = node.op === 'DynamicQuantizeLinear' && node.domain === '';
  return isIt && q != null && node.outputs[0] === q && node.outputs[2] === z
    ? (node.inputs[0] ?? null)
    : null;
}

function foldProduct(graph: Graph, node: Node, kind: Kind): void {
  const [q, weights, zero, weightZero] = node.inputs;
  const source = graph.producer(q);
  const x = source === undefined ? null : sourceOf(source, q, zero);
  const scale = source?.outputs[1];
  const codes = weights?.constant;
  const axis = codes == null ? null : kind.weightAxis(codes);
  if (x === null || codes == null || scale == null || axis === null) return;
  if ((weightZero != null && !isAllZero(weightZero)) || codes.type !== 'int8') return;
  const cast = soleReader(graph, node.outputs[0], 'Cast');
  const product = cast === null ? null : soleReader(graph, cast.outputs[0], 'Mul');
  if (cast === null || product === null) return;
  if (cast.attributes.int('to', 0) !== elementTypeNumber('float32')) return;
  const factor = product.inputs.find((input) => input !== cast.outputs[0]);
  const scales = graph.producer(factor);
  const own = scales?.inputs.find((input) => input !== scale);
  const channels = { count: codes.dims[axis] ?? 0, behind: kind.axesBehind(codes) };
  const unit = perChannel(own, channels);
  if (scales?.op !== 'Mul' || scales.domain !== '' || !scales.inputs.includes(scale) || unit === null) return;
  if (!unit.every((one) => one > 0 && one < Infinity)) return;
  const add = soleReader(graph, product.outputs[0], 'Add');
  const bias = perChannel(
    add?.inputs.find((input) => input !== product.outputs[0]),
    channels,
  );
  const parameters = quantization({
    scale: unit,
    axis: unit.length === 1 ? null : axis,
    storageType: 'int8',
  });
  const integers = graph.constant(affine(codes, parameters), weights?.name ?? '');
  // MatMul has no bias, and Gemm wants rows: an Add behind it is left there.
  const takesBias = kind.op === 'Conv' && add !== null && bias !== null;
  graph.replaceNode(takesBias ? add : product, {
    op: kind.op,
    name: node.name,
    attributes: node.attributes,
    inputs: [
      roundedToRange(graph, x),
      integers,
      ...(takesBias ? [graph.constant(biasTensor(bias, channels.count))] : []),
    ],
  });
}

/** The node that alone reads a value, where it is an `op`. */
function soleReader(graph: Graph, value: Value | null | undefined, op: string): Node | null {
  if (value == null || graph.isOutput(value) || graph.uses(value).size !== 1) return null;
  const [reader] = graph.consumers(value);
  return reader?.op === op && reader.domain === '' ? reader : null;
}

interface Channels {
  readonly count: number;
  /** Axes of the result behind that of the channels. */
  readonly behind: number;
}

/** The reals in a constant of one number, or of one for each channel. */
function perChannel(value: Value | null | undefined, { count, behind }: Channels): Float32Array | null {
  if (value?.constant?.type !== 'float32') return null;
  const { dims } = value.constant;
  const size = dims.reduce((a, b) => a * b, 1);
  const isOne = size === 1 && dims.length <= behind + 1;
  const isEach = size === count && dims.length > behind && dims.at(-1 - behind) === count;
  return isOne || isEach ? toFloat32(value.constant.decode()) : null;
}

function biasTensor(bias: Float32Array, count: number): Tensor {
  return new Tensor('float32', bias.length === count ? bias : new Float32Array(count).fill(bias[0] ?? 0));
}

function isAllZero({ constant }: Value): boolean {
  if (constant === null) return false;
  const zeros = toNumbers(constant.decode());
  for (let i = 0; i < zeros.length; i++) if (zeros[i] !== 0) return false;
  return true;
}
