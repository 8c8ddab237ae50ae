import type { Coupling } from '../node-axes.js';
import { conv, convTranspose, gemm, matMul } from './layers.js';
import { gather, reduce, resize, transpose } from './movement.js';
import { concat, pad, slice, split } from './parts.js';
import {
  alongAxis,
  batchNormalization,
  broadcast,
  instanceNormalization,
  layerNormalization,
  pool,
  unary,
} from './pointwise.js';
import { reshape } from './reshape.js';

function each(ops: readonly string[], coupling: Coupling): Readonly<Record<string, Coupling>> {
  return Object.fromEntries(ops.map((op) => [op, coupling]));
}

/** Operators that compute each element from the one at its place. */
export const unaryOperators: readonly string[] = [
  ...['Abs', 'Cast', 'Ceil', 'Celu', 'Clip', 'Cos', 'Dropout', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu'],
  ...['HardSigmoid', 'HardSwish', 'Identity', 'LeakyRelu', 'Log', 'Mish', 'Neg', 'Not', 'Reciprocal', 'Relu'],
  ...[
    'Round',
    'Selu',
    'Sigmoid',
    'Sign',
    'Sin',
    'Softplus',
    'Softsign',
    'Sqrt',
    'Swish',
    'Tanh',
    'ThresholdedRelu',
  ],
];

/** The same with several inputs, which are broadcast. */
export const broadcastOperators: readonly string[] = [
  ...['Add', 'And', 'Div', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Max', 'Mean', 'Min'],
  ...['Mod', 'Mul', 'Or', 'PRelu', 'Pow', 'Sub', 'Sum', 'Where', 'Xor'],
];

/** Operators that copy elements, or take one of several that are equal where all of a channel are. */
export const movingOperators: readonly string[] = [
  ...['Concat', 'Flatten', 'MaxPool', 'GlobalMaxPool', 'GlobalAveragePool', 'Reshape', 'Resize', 'Split'],
  ...['Squeeze', 'Transpose', 'Unsqueeze'],
];

const reductions: readonly string[] = [
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin'],
  ...['ReduceProd', 'ReduceSum', 'ReduceSumSquare'],
];

/** How each operator couples. What is not here needs all that it reads and computes as it is. */
export const couplingTable: Readonly<Record<string, Coupling>> = {
  ...each(unaryOperators, unary),
  ...each(broadcastOperators, broadcast),
  ...each(reductions, reduce),
  ...each(['AveragePool', 'MaxPool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'], pool),
  ...each(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'], reshape),
  ...each(['Softmax', 'LogSoftmax', 'Hardmax'], alongAxis(-1)),
  BatchNormalization: batchNormalization,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  Gather: gather,
  Gemm: gemm,
  InstanceNormalization: instanceNormalization,
  LRN: (axes) => {
    axes.coupleAll(axes.input(0), axes.output());
    axes.pin(axes.output()[1]);
  },
  LayerNormalization: layerNormalization,
  MatMul: matMul,
  Pad: pad,
  Resize: resize,
  Slice: slice,
  Split: split,
  Transpose: transpose,
};
