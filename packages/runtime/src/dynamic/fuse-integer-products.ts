import {
  AffineEncoding,
  type Encoding,
  type Graph,
  type Node,
  quantization,
  Tensor,
  toFloat32,
  toNumbers,
  type Value,
} from '@espalier/core';
import { soleProducer } from '../simplify/producer.js';
import { replaceByProduct } from './product-node.js';

/**
 * Makes one node of what ONNX Runtime's `quantize_dynamic` writes for a matrix product, and what is written here for convolutions too:
 *
 *     q, s, z = DynamicQuantizeLinear(x);  y = Cast(MatMulInteger(q, w, z, wz)) * (s * ws) + bias
 *
 * Others may read q, s and z too.
 */
export function fuseIntegerProducts(graph: Graph): void {
  for (const node of graph.nodesOf('MatMulInteger')) fuse(graph, node, matrix);
  for (const node of graph.nodesOf('ConvInteger')) fuse(graph, node, convolution);
  graph.removeDead();
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
  weightAxis: ({ dims }) => (dims.length === 3 || dims.length === 4 ? 0 : null),
  axesBehind: ({ dims }) => dims.length - 2,
};

function fuse(graph: Graph, node: Node, kind: Kind): void {
  const [q, weights, zero, weightZero] = node.inputs;
  const source = graph.producer(q);
  if (source?.op !== 'DynamicQuantizeLinear' || source.outputs[0] !== q || source.outputs[2] !== zero) return;
  const [x, scale] = [source.inputs[0], source.outputs[1]];
  const codes = weights?.constant;
  const axis = codes == null ? null : kind.weightAxis(codes);
  if (x == null || codes == null || scale == null || axis === null) return;
  if ((weightZero != null && !isAllZero(weightZero)) || codes.type !== 'int8') return;
  const cast = soleReader(graph, node.outputs[0], 'Cast');
  const product = cast === null ? null : soleReader(graph, cast.outputs[0], 'Mul');
  if (cast === null || product === null || cast.outputs[0]?.type?.dtype !== 'float32') return;
  const factor = product.inputs.find((input) => input !== cast.outputs[0]);
  const scales = soleProducer(graph, factor, 'Mul');
  const own = scales?.inputs.find((input) => input !== scale);
  const channels = { count: codes.dims[axis] ?? 0, behind: kind.axesBehind(codes) };
  const unit = perChannel(own, channels);
  if (!scales?.inputs.includes(scale) || unit === null || !unit.every((one) => one > 0 && one < Infinity))
    return;
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
  const integers = graph.constant(new AffineEncoding(codes, parameters), `${node.name}_weights`);
  const biases = bias === null ? null : graph.constant(biasTensor(bias, channels.count), `${node.name}_bias`);
  const last = add !== null && bias !== null ? add : product;
  replaceByProduct(graph, last, { ...node, op: kind.op }, [x, integers, biases], 'tensor');
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
