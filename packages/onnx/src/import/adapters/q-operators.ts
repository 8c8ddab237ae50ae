import { type Attribute, type Attributes, int, Tensor, toFloat32, type Value } from '@espalier/core';
import { nameOfCodes } from '../../codes-name.js';
import { rawName } from '../../raw-name.js';
import type { SourceOp } from '../source-op.js';
import type { Adapter, AdapterTable } from './adapter.js';

// Operators on codes, in the words of Q/DQ pairs: what stands between two of them is then a value on a grid, and all
// else that knows grids knows these models.

/** The reals of a tensor of codes, whose scale and zero point are the inputs behind it. */
function reals(node: SourceOp, at: number, axis?: number): Value {
  const codes = node.need(at);
  const inputs = [codes, node.need(at + 1), node.input(at + 2)];
  const attributes = axis === undefined ? {} : { axis: int(axis) };
  return node.add('DequantizeLinear', inputs, attributes, nameOfCodes(codes.name));
}

/** Computes reals, and puts them on the grid that inputs `at` and `at + 1` say. */
function finishOnGrid(
  node: SourceOp,
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes | Readonly<Record<string, Attribute>>,
  at: number,
): void {
  // Pairs that are folded take the name without "_raw".
  const name = nameOfCodes(node.outputName);
  const result = node.add(op, inputs, attributes, node.isFree(name) ? name : rawName(name));
  const zero = node.input(at + 1);
  node.finish('QuantizeLinear', zero === null ? [result, node.need(at)] : [result, node.need(at), zero], {});
}

/** A bias of 32-bit codes, in units of the scales at two inputs multiplied. */
function biasReals(node: SourceOp, at: number, xScale: number, weightScale: number): Value | null {
  const bias = node.input(at);
  if (bias === null) return null;
  const [x, weights] = [xScale, weightScale].map((index) => node.constantInput(index));
  if (x == null || weights == null) throw node.unsupported('its scales are computed');
  const unit = toFloat32(x)[0] ?? 1;
  const scales = toFloat32(weights).map((scale) => unit * scale);
  const scale = node.constant(
    new Tensor('float32', scales, scales.length === 1 ? [] : [scales.length]),
    'bias_scale',
  );
  return node.add(
    'DequantizeLinear',
    [bias, scale],
    scales.length === 1 ? {} : { axis: int(0) },
    nameOfCodes(bias.name),
  );
}

/** Scales that are computed leave the operator as it is. */
function isConstant(node: SourceOp, ...at: readonly number[]): boolean {
  return at.every((index) => node.constantInput(index) !== null);
}

/** @see ONNX QLinearConv, opset 10 */
function convolution(node: SourceOp): void {
  if (!isConstant(node, 1, 3, 4, 6)) {
    node.finish();
    return;
  }
  const inputs = [reals(node, 0), reals(node, 3, 0), biasReals(node, 8, 1, 4)];
  finishOnGrid(node, 'Conv', inputs, node.attributes, 6);
}

/** @see ONNX QLinearMatMul, opset 10: scales of the second operand may be those of its columns */
function matrixProduct(node: SourceOp): void {
  if (!isConstant(node, 1, 4, 6) || (node.constantInput(1)?.size ?? 0) !== 1) {
    node.finish();
    return;
  }
  const columns = node.constantInput(4)?.size === 1 ? undefined : -1;
  finishOnGrid(node, 'MatMul', [reals(node, 0), reals(node, 3, columns)], {}, 6);
}

/** @see com.microsoft.QGemm; without a scale of its own the result is reals */
function gemm(node: SourceOp): void {
  if (node.attributes.float('alpha', 1) !== 1) throw node.unsupported('its alpha is not 1');
  const axis = node.attributes.int('transB', 0) === 0 ? 1 : 0;
  const columns = node.constantInput(4)?.size === 1 ? undefined : axis;
  const inputs = [reals(node, 0), reals(node, 3, columns), biasReals(node, 6, 1, 4)];
  if (node.input(7) === null) node.finish('Gemm', inputs, node.attributes);
  else finishOnGrid(node, 'Gemm', inputs, node.attributes, 7);
}

/** @see com.microsoft.QLinearAdd and QLinearMul */
function pair(op: string): Adapter {
  return (node) => finishOnGrid(node, op, [reals(node, 0), reals(node, 3)], {}, 6);
}

/** @see com.microsoft.QLinearSigmoid and its like */
function single(op: string): Adapter {
  return (node) => {
    if (node.attributes.int('channels_last', 0) !== 0) throw node.unsupported('its channels come last');
    finishOnGrid(node, op, [reals(node, 0)], node.without('channels_last'), 3);
  };
}

/** @see com.microsoft.QLinearConcat */
function concat(node: SourceOp): void {
  const parts: Value[] = [];
  for (let at = 2; at < node.inputs.length; at += 3) parts.push(reals(node, at));
  finishOnGrid(node, 'Concat', parts, node.attributes, 0);
}

/** @see com.microsoft.QLinearSoftmax; `opset` says which Softmax is meant: before 13 all dims from `axis` on are one */
function softmax(node: SourceOp): void {
  const rank = node.needRank(0);
  const axis = node.attributes.int('axis', -1);
  if (node.attributes.int('opset', 13) < 13 && axis !== -1 && axis !== rank - 1)
    throw node.unsupported('it is that of an opset before 13, over several dimensions');
  finishOnGrid(node, 'Softmax', [reals(node, 0)], { axis: int(axis) }, 3);
}

/** Of ONNX's own domain. */
export const qOperatorAdapters: AdapterTable = {
  QLinearConv: [{ before: Infinity, adapt: convolution }],
  QLinearMatMul: [{ before: Infinity, adapt: matrixProduct }],
};

/** Of ONNX Runtime's domain. @see ONNX Runtime, docs/ContribOperators.md */
const contrib: Readonly<Record<string, Adapter>> = {
  QGemm: gemm,
  QLinearAdd: pair('Add'),
  QLinearAveragePool: single('AveragePool'),
  QLinearConcat: concat,
  QLinearGlobalAveragePool: single('GlobalAveragePool'),
  QLinearLeakyRelu: single('LeakyRelu'),
  QLinearMul: pair('Mul'),
  QLinearSigmoid: single('Sigmoid'),
  QLinearSoftmax: softmax,
};

/** How a quantized operator of ONNX Runtime's own comes into the graph; undefined for all others. */
export function contribQOperator(domain: string, op: string): Adapter | undefined {
  return domain === 'com.microsoft' && Object.hasOwn(contrib, op) ? contrib[op] : undefined;
}
