import {
  inferShapes,
  type Model,
  type Node,
  type RequantizationRule,
  toNumbers,
  type Value,
  type ValueType,
} from '@espalier/core';

/** What is known of values, shapes inferred. */
export type TypeOf = (value: Value | null | undefined) => ValueType | null;

/** Types with shapes inferred, of a copy: the model itself may have to stay as it is. */
export function inferredTypes(model: Model): TypeOf {
  const copy = model.clone();
  inferShapes(copy, { onContradiction() {} });
  return (value) => (value == null ? null : (copy.graph.value(value.name)?.type ?? value.type));
}

/** Input of weights and bias, with the weights' dimension of output channels. */
export interface WeightPlace {
  readonly weight: number;
  readonly bias: number | null;
  readonly axis: number;
}

/** How an operator takes part in an int8 network. */
export interface IntegerOperator {
  /**
   * `core` does the work an int8 network is made for; a `carrier` is computed in int8 where a neighbour is;
   * a `mover` is a carrier whose result is on the grid of its first input.
   */
  readonly role: 'core' | 'carrier' | 'mover';
  /** Which inputs are activations. */
  readonly operands: readonly number[];
  /** Whether one operand may be a constant, quantized as a whole. */
  readonly takesConstant?: boolean;
  readonly weights?: WeightPlace;
  /** Whether a Relu or Clip behind it is computed with it. */
  readonly clamps: boolean;
}

type Rule = (node: Node, typeOf: TypeOf) => IntegerOperator | null;

const carrier: IntegerOperator = { role: 'carrier', operands: [0], clamps: false };
const mover: IntegerOperator = { ...carrier, role: 'mover' };

function always(operator: IntegerOperator): Rule {
  return () => operator;
}

function rank(value: Value | null | undefined): number {
  return value?.constant?.dims.length ?? 0;
}

/** A bias with one number a channel, or none. */
function biasFits(value: Value | null | undefined, channels: number | undefined): boolean {
  if (value == null) return true;
  if (value.constant?.type !== 'float32') return false;
  const size = value.constant.dims.reduce((a, b) => a * b, 1);
  return size === 1 || (size === channels && value.constant.dims.at(-1) === channels);
}

const conv: Rule = ({ inputs: [, w, b] }) => {
  const channels = w?.constant?.dims[0];
  if (w?.constant?.type !== 'float32' || rank(w) < 3 || rank(w) > 4 || !biasFits(b, channels)) return null;
  return { role: 'core', operands: [0], weights: { weight: 1, bias: 2, axis: 0 }, clamps: true };
};

const convTranspose: Rule = ({ inputs: [, w, b], attributes }) => {
  const channels = w?.constant?.dims[1];
  const isPlain = attributes.int('group', 1) === 1 && attributes.string('auto_pad', 'NOTSET') === 'NOTSET';
  if (w?.constant?.type !== 'float32' || !isPlain || attributes.has('output_shape')) return null;
  if (rank(w) < 3 || rank(w) > 4 || !biasFits(b, channels)) return null;
  return { role: 'core', operands: [0], weights: { weight: 1, bias: 2, axis: 1 }, clamps: true };
};

const gemm: Rule = ({ inputs: [, w, b], attributes }) => {
  const scaled = attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1;
  if (w?.constant?.type !== 'float32' || scaled || attributes.int('transA', 0) === 1) return null;
  const axis = attributes.int('transB', 0) === 1 ? 0 : 1;
  if (!biasFits(b, w.constant.dims[axis])) return null;
  return { role: 'core', operands: [0], weights: { weight: 1, bias: 2, axis }, clamps: true };
};

const matMul: Rule = ({ inputs: [a, b] }, typeOf) => {
  if (b?.constant?.type === 'float32') {
    if (rank(b) !== 2) return null;
    return { role: 'core', operands: [0], weights: { weight: 1, bias: null, axis: 1 }, clamps: true };
  }
  const batched = [a, b].every((value) => (typeOf(value)?.dims?.length ?? 0) >= 2);
  return batched ? { role: 'core', operands: [0, 1], clamps: true } : null;
};

const pool: Rule = ({ attributes, outputs }) => {
  const { length } = attributes.ints('kernel_shape', []);
  return length >= 1 && length <= 2 && outputs[1] == null ? carrier : null;
};

const maxPool: Rule = (node, typeOf) => (pool(node, typeOf) === null ? null : mover);

const concat: Rule = ({ inputs }) => ({ ...carrier, operands: inputs.map((_, index) => index) });

/** Means of neighbours lie between them: the input's grid serves linear interpolation too. */
const resize: Rule = ({ attributes }) => {
  const crops = attributes.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  return attributes.string('mode', 'nearest') !== 'cubic' && !crops ? mover : null;
};

/** Padding with zeros: zero has a code on every grid. */
const pad: Rule = ({ inputs }) => {
  const fill = inputs[2];
  if (fill == null) return mover;
  return fill.constant !== null && toNumbers(fill.constant.decode())[0] === 0 ? mover : null;
};

const clip: Rule = ({ inputs }) =>
  inputs.slice(1).every((bound) => bound === null || bound.constant !== null)
    ? { ...carrier, clamps: true }
    : null;

const spatialMean: Rule = ({ inputs }, typeOf) => {
  const dims = typeOf(inputs[0])?.dims?.length ?? 0;
  const axes = inputs[1]?.constant;
  if (axes == null || dims < 3) return null;
  const found = new Set(Array.from(toNumbers(axes.decode()), (axis) => (axis + dims) % dims));
  return found.size === dims - 2 && !found.has(0) && !found.has(1) ? carrier : null;
};

const table: IntegerOperator = { ...carrier, clamps: true };
const pair: IntegerOperator = { ...table, operands: [0, 1], takesConstant: true };

/**
 * Functions of one element whose results lie as evenly as what they are of, or nearly: 256 codes are enough for them. They
 * are not for Exp, Log, Sqrt or Reciprocal, which are steep somewhere.
 */
const gentle = ['Abs', 'Celu', 'Elu', 'Erf', 'Mish', 'Neg', 'Selu', 'Softplus', 'Softsign', 'Swish'] as const;

/** Operators that `@espalier/runtime` computes in int8, with what it wants of a node. ONNX Runtime takes the same models. */
const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(gentle.map((op) => [op, always(table)])),
  Add: always(pair),
  AveragePool: pool,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  DepthToSpace: always(mover),
  Flatten: always(mover),
  Gelu: always(table),
  Gemm: gemm,
  GlobalAveragePool: always(carrier),
  GlobalMaxPool: always(mover),
  HardSigmoid: always(table),
  HardSwish: always(table),
  Identity: always(mover),
  LeakyRelu: always(table),
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: always(pair),
  Pad: pad,
  ReduceMean: spatialMean,
  Relu: always(table),
  Reshape: always(mover),
  Resize: resize,
  Sigmoid: always(table),
  Slice: always(mover),
  Softmax: always(carrier),
  SpaceToDepth: always(mover),
  Split: always(mover),
  Sub: always(pair),
  Squeeze: always(mover),
  Tanh: always(table),
  Transpose: always(mover),
  Unsqueeze: always(mover),
};

/**
 * What TensorFlow Lite computes otherwise: means on the grid of what they are taken of, and only such as do not count
 * padding; and no form with codes at all for two.
 *
 * @see TensorFlow Lite 8-bit quantization specification
 */
const rulesOfTflite: Readonly<Record<string, Rule>> = {
  ...rules,
  ...Object.fromEntries(gentle.map((op) => [op, () => null])),
  AveragePool: (node, typeOf) =>
    node.attributes.int('count_include_pad', 0) !== 0 ? null : maxPool(node, typeOf),
  Gelu: () => null,
  HardSigmoid: () => null,
};

/** How a node can be computed in int8 under a rule; null where it can't. */
export function integerOperator(
  node: Node,
  typeOf: TypeOf,
  requantization: RequantizationRule,
): IntegerOperator | null {
  const table = requantization === 'onnx' ? rules : rulesOfTflite;
  const rule = node.domain === '' && Object.hasOwn(table, node.op) ? table[node.op] : undefined;
  const operator = rule?.(node, typeOf) ?? null;
  if (operator === null) return null;
  const operands = operator.operands.map((index) => node.inputs[index]);
  const areReals = operands.every((value) => typeOf(value)?.dtype === 'float32');
  const computed = operands.filter((value) => value?.constant === null).length;
  const enough = operator.takesConstant ? computed >= 1 : computed === operands.length;
  return areReals && enough ? operator : null;
}
