import {
  AffineEncoding,
  type Graph,
  int,
  isDynamicRange,
  Model,
  type Node,
  rangeAxes,
  Tensor,
  type Value,
} from '@espalier/core';

/** ONNX's number of float32, as Cast takes it. */
const float32 = 1;

/**
 * The same model by operators of ONNX alone. A range of a whole tensor is a DynamicQuantizeLinear; products with int8 weights that
 * read it become MatMulInteger or ConvInteger, Cast and Mul, as ONNX Runtime's `quantize_dynamic` writes them, and for all else there
 * is a DequantizeLinear. ONNX has no ranges of parts of a tensor: those are found, and rounded to, in reals.
 */
export function withoutDynamicRanges(model: Model): Model {
  if (!model.graph.nodes.some(isDynamicRange)) return model;
  const graph = model.graph.clone();
  for (const node of graph.nodes) if (isDynamicRange(node)) replace(graph, node);
  graph.removeDead();
  return new Model(graph, model);
}

function replace(graph: Graph, node: Node): void {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (x == null || y == null) return;
  if (!isOneRange(node, x)) {
    roundInReals(graph, node, x);
    return;
  }
  const codes = quantized(graph, x);
  for (const reader of graph.consumers(y)) replaceProduct(graph, reader, codes);
  const inputs = [codes.values, codes.scale, codes.zeroPoint];
  graph.replaceNode(node, { op: 'DequantizeLinear', name: node.name, inputs });
}

/** Whether all elements share a range: those along the axes that do not have size 1. */
function isOneRange(node: Node, { type }: Value): boolean {
  if (node.attributes.ints('axes') === undefined) return true;
  const dims = type?.dims;
  if (dims == null) return false;
  const axes = new Set(rangeAxes(node, dims.length));
  return dims.every((size, axis) => size === 1 || axes.has(axis));
}

/** What is known of an activation when it runs. */
interface Codes {
  readonly values: Value;
  readonly scale: Value;
  readonly zeroPoint: Value;
}

function quantized(graph: Graph, x: Value): Codes {
  const values = graph.addValue(`${x.name}_codes`, { dtype: 'uint8', dims: x.type?.dims ?? null });
  const scale = graph.addValue(`${x.name}_scale`, { dtype: 'float32', dims: [] });
  const zeroPoint = graph.addValue(`${x.name}_zero_point`, { dtype: 'uint8', dims: [] });
  graph.addNode({ op: 'DynamicQuantizeLinear', inputs: [x], outputs: [values, scale, zeroPoint] });
  return { values, scale, zeroPoint };
}

/** Int8 weights without a zero point as ConvInteger and MatMulInteger take them, and the shape of their scales beside results. */
interface IntegerWeights {
  readonly op: 'ConvInteger' | 'MatMulInteger';
  readonly codes: Tensor;
  readonly scales: Tensor;
  /** Of what has one number for each output. */
  readonly dims: readonly number[];
}

function integerWeights(
  { op, domain, attributes }: Node,
  weights: Value | null | undefined,
): IntegerWeights | null {
  const encoding = weights?.constant;
  if (domain !== '' || !(encoding instanceof AffineEncoding)) return null;
  const { axis, scale, zeroPoint, storageType } = encoding.quantization;
  if (storageType !== 'int8' || zeroPoint.some((zero) => zero !== 0)) return null;
  const transB = op === 'Gemm' && attributes.int('transB', 0) === 1;
  const outputs = op === 'Conv' || transB ? 0 : 1;
  if (axis !== null && axis !== outputs) return null;
  const codes = encoding.children.codes.decode();
  const count = codes.dims[outputs] ?? 0;
  if (op === 'Conv') {
    const dims = [count, ...codes.dims.slice(2).map(() => 1)];
    return { op: 'ConvInteger', codes, scales: scalesOf(scale, dims), dims };
  }
  const isPlain =
    attributes.float('alpha', 1) === 1 &&
    attributes.float('beta', 1) === 1 &&
    attributes.int('transA', 0) === 0;
  if ((op !== 'Gemm' && op !== 'MatMul') || !isPlain || codes.dims.length !== 2) return null;
  const held = transB ? transposed(codes) : codes;
  return { op: 'MatMulInteger', codes: held, scales: scalesOf(scale, [count]), dims: [count] };
}

function scalesOf(scale: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', scale, scale.length === 1 ? [] : dims);
}

function replaceProduct(graph: Graph, node: Node, { values, scale, zeroPoint }: Codes): void {
  const [, weights, bias] = node.inputs;
  const integer = integerWeights(node, weights);
  const isConstant = bias == null || bias.constant !== null;
  if (integer === null || weights == null || !isConstant) return;
  const dims = node.outputs[0]?.type?.dims ?? null;
  const weightCodes = graph.constant(integer.codes, `${weights.name}_quantized`);
  const weightScale = graph.constant(integer.scales, `${weights.name}_scale`);
  const product = { op: integer.op, name: node.name, inputs: [values, weightCodes, zeroPoint] };
  const attributes = integer.op === 'ConvInteger' ? node.attributes : {};
  const sums = graph.apply({ ...product, attributes }, '', { dtype: 'int32', dims });
  const cast = { op: 'Cast', inputs: [sums], attributes: { to: int(float32) } };
  const reals = graph.apply(cast, '', { dtype: 'float32', dims });
  const unit = graph.apply({ op: 'Mul', inputs: [scale, weightScale] }, '', {
    dtype: 'float32',
    dims: integer.scales.dims,
  });
  if (bias?.constant == null) {
    graph.replaceNode(node, { op: 'Mul', inputs: [reals, unit] });
    return;
  }
  const scaled = graph.apply({ op: 'Mul', inputs: [reals, unit] }, '', { dtype: 'float32', dims });
  graph.replaceNode(node, { op: 'Add', inputs: [scaled, biasBeside(graph, bias, integer)] });
}

/** The bias of a convolution has its channels at the front. */
function biasBeside(graph: Graph, bias: Value, { op, dims }: IntegerWeights): Value {
  if (op === 'MatMulInteger' || bias.constant === null) return bias;
  const values = bias.constant.decode();
  return graph.constant(values.reshape(dims), `${bias.name}_channels`);
}

function transposed(codes: Tensor): Tensor {
  const from = codes.data as Int8Array; // the storage type has been looked at
  const [rows = 0, columns = 0] = codes.dims;
  const to = new Int8Array(from.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j] as number; // inside both
  }
  return new Tensor('int8', to, [columns, rows]);
}

/** What LiteRT does, step by step: assembly/dynamic-codes/scalar.ts of the kernels, way MULTIPLIED. */
function roundInReals(graph: Graph, node: Node, x: Value): void {
  const axes = node.attributes.ints('axes') ?? [];
  const number = (value: number): Value => graph.constant(new Tensor('float32', Float32Array.of(value), []));
  const list = graph.constant(new Tensor('int64', BigInt64Array.from(axes, BigInt), [axes.length]));
  const apply = (op: string, ...inputs: readonly Value[]): Value => graph.apply({ op, inputs });
  const extreme = (op: string): Value =>
    graph.apply({ op, inputs: [x, list], attributes: { keepdims: int(1) } });
  const low = apply('Min', extreme('ReduceMin'), number(0));
  const high = apply('Max', extreme('ReduceMax'), number(0));
  const span = apply('Sub', high, low);
  const known = apply('Where', apply('Equal', span, number(0)), number(255), span);
  const inverse = apply('Div', number(255), known);
  const [first, last] = [apply('Mul', low, inverse), apply('Mul', high, inverse)];
  const errors = apply('Add', apply('Sub', first, number(128)), apply('Add', last, number(127)));
  const ends = [apply('Sub', number(-128), first), apply('Sub', number(127), last)] as const;
  const end = apply('Where', apply('Greater', errors, number(0)), ...ends);
  const zero = apply('Clip', apply('Round', end), number(-128), number(127));
  const steps = apply('Round', apply('Mul', x, inverse));
  const above = apply('Max', steps, apply('Sub', number(-128), zero));
  const inside = apply('Min', above, apply('Sub', number(127), zero));
  const scale = apply('Div', number(1), inverse);
  graph.replaceNode(node, { op: 'Mul', inputs: [inside, scale] });
}
