import { isDynamicRange, type Node } from '@espalier/core';
import { activationOf } from '../fused-activation.js';
import type { Writing } from '../operator-writer.js';
import { writeLayerNormalization, writeReciprocal, writeSwish } from './composed.js';
import { writeCast, writeDequantizeLinear, writeIdentity, writeQuantizeLinear } from './conversion.js';
import { hasSymmetricWeights, writeConv, writeConvTranspose } from './convolution.js';
import { writeDynamicRange } from './dynamic-range.js';
import {
  broadcasting,
  fusedOptions,
  onGrid,
  overLastAxis,
  unary,
  writeBatchNormalization,
  writeClip,
  writeElu,
  writeGelu,
  writeHardSigmoid,
  writeLeakyRelu,
  writeWhere,
} from './elementwise.js';
import { writeBlocks, writePool, writeResize } from './image.js';
import { writeGemm, writeMatMul } from './matrix.js';
import {
  writeConcat,
  writeGather,
  writePad,
  writeReshape,
  writeSlice,
  writeSplit,
  writeTranspose,
} from './placement.js';
import { writeArgument, writeGlobalPool, writeReduction } from './reduction.js';

/** Operators of ONNX that a file can say. What is not here is refused by name. */
const table: Readonly<Record<string, Writing>> = {
  Abs: { write: unary('ABS') },
  Add: { write: broadcasting('ADD', fusedOptions('Add')), codes: 'any', fuses: true, isWide: true },
  And: { write: broadcasting('LOGICAL_AND') },
  ArgMax: { write: writeArgument('ArgMax'), codes: 'any' },
  ArgMin: { write: writeArgument('ArgMin'), codes: 'any' },
  AveragePool: { write: writePool('AVERAGE_POOL_2D'), codes: 'same', fuses: true, isWide: true },
  BatchNormalization: { write: writeBatchNormalization, operands: [0], fuses: true },
  Cast: { write: writeCast },
  Ceil: { write: unary('CEIL') },
  Clip: {
    write: writeClip,
    operands: [0],
    codes: ({ node }) => activationOf(node) === 1 || activationOf(node) === 3,
    isWide: true,
  },
  Concat: { write: writeConcat, codes: 'moves', isWide: true },
  Conv: {
    write: writeConv,
    operands: [0, 1],
    codes: (writer) => hasSymmetricWeights(writer, 0),
    fuses: true,
    isWide: true,
  },
  ConvTranspose: {
    write: writeConvTranspose,
    operands: [0, 1],
    codes: (writer) => hasSymmetricWeights(writer, 1),
    fuses: true,
    isWide: true,
  },
  Cos: { write: unary('COS') },
  DepthToSpace: { write: writeBlocks('DEPTH_TO_SPACE'), codes: 'moves' },
  DequantizeLinear: { write: writeDequantizeLinear, operands: [0] },
  Div: { write: broadcasting('DIV', fusedOptions('Div')), fuses: true },
  Dropout: { write: writeIdentity, operands: [0], codes: 'any', isWide: true },
  Elu: { write: writeElu },
  Equal: { write: broadcasting('EQUAL') },
  Exp: { write: unary('EXP') },
  Flatten: { write: writeReshape, operands: [0], codes: 'moves', isWide: true },
  Floor: { write: unary('FLOOR') },
  Gather: { write: writeGather, operands: [0], codes: 'moves', isWide: true },
  Gelu: { write: writeGelu },
  Gemm: {
    write: writeGemm,
    operands: [0, 1],
    codes: (writer) => hasSymmetricWeights(writer, writer.node.attributes.int('transB', 0) === 1 ? 0 : 1),
    fuses: true,
    isWide: true,
  },
  GlobalAveragePool: { write: writeGlobalPool('MEAN'), codes: 'any', isWide: true },
  GlobalMaxPool: { write: writeGlobalPool('REDUCE_MAX'), codes: 'same' },
  Greater: { write: broadcasting('GREATER') },
  GreaterOrEqual: { write: broadcasting('GREATER_EQUAL') },
  HardSigmoid: { write: writeHardSigmoid },
  HardSwish: { write: unary('HARD_SWISH'), codes: 'any' },
  Identity: { write: writeIdentity, codes: 'any', isWide: true },
  LayerNormalization: { write: writeLayerNormalization, operands: [0] },
  LeakyRelu: { write: writeLeakyRelu, codes: 'any', isWide: true },
  Less: { write: broadcasting('LESS') },
  LessOrEqual: { write: broadcasting('LESS_EQUAL') },
  Log: { write: unary('LOG') },
  LogSoftmax: { write: overLastAxis('LOG_SOFTMAX', null) },
  MatMul: {
    write: writeMatMul,
    codes: (writer) => writer.optional(1)?.constant == null || hasSymmetricWeights(writer, 1),
    isWide: true,
  },
  Max: { write: broadcasting('MAXIMUM'), codes: 'same', isWide: true },
  MaxPool: { write: writePool('MAX_POOL_2D'), codes: 'same', fuses: true, isWide: true },
  Min: { write: broadcasting('MINIMUM'), codes: 'same', isWide: true },
  Mul: { write: broadcasting('MUL', fusedOptions('Mul')), codes: 'any', fuses: true, isWide: true },
  Neg: { write: unary('NEG') },
  Not: { write: unary('LOGICAL_NOT') },
  Or: { write: broadcasting('LOGICAL_OR') },
  PRelu: { write: broadcasting('PRELU') },
  Pad: { write: writePad, operands: [0], codes: 'moves', isWide: true },
  Pow: { write: broadcasting('POW') },
  QuantizeLinear: { write: writeQuantizeLinear, operands: [0] },
  Reciprocal: { write: writeReciprocal },
  ReduceMax: { write: writeReduction('REDUCE_MAX'), operands: [0], codes: 'same' },
  ReduceMean: { write: writeReduction('MEAN'), operands: [0], codes: 'any', isWide: true },
  ReduceMin: { write: writeReduction('REDUCE_MIN'), operands: [0], codes: 'same' },
  ReduceProd: { write: writeReduction('REDUCE_PROD'), operands: [0] },
  ReduceSum: { write: writeReduction('SUM'), operands: [0], codes: 'any', isWide: true },
  Relu: { write: writeClip, codes: 'any', isWide: true },
  Reshape: { write: writeReshape, operands: [0], codes: 'moves', isWide: true },
  Resize: { write: writeResize, operands: [0], codes: 'same' },
  Round: { write: unary('ROUND') },
  Sigmoid: { write: unary('LOGISTIC'), codes: onGrid(2 ** -8, -128), isWide: true },
  Sign: { write: unary('SIGN') },
  Sin: { write: unary('SIN') },
  Slice: { write: writeSlice, operands: [0], codes: 'moves', isWide: true },
  Softmax: {
    write: overLastAxis('SOFTMAX', { name: 'Softmax', table: { beta: 1 } }),
    codes: onGrid(2 ** -8, -128),
    isWide: true,
  },
  SpaceToDepth: { write: writeBlocks('SPACE_TO_DEPTH'), codes: 'moves' },
  Split: { write: writeSplit, operands: [0], codes: 'same', isWide: true },
  Sqrt: { write: unary('SQRT') },
  Squeeze: { write: writeReshape, operands: [0], codes: 'moves', isWide: true },
  Sub: { write: broadcasting('SUB', fusedOptions('Sub')), codes: 'any', fuses: true, isWide: true },
  Sum: { write: broadcasting('ADD', () => ({ name: 'Add', table: { activation: 0 } })) },
  Swish: { write: writeSwish },
  Tanh: { write: unary('TANH'), codes: onGrid(2 ** -7, 0), isWide: true },
  Transpose: { write: writeTranspose, codes: 'moves', isWide: true },
  Unsqueeze: { write: writeReshape, operands: [0], codes: 'moves', isWide: true },
  Where: { write: writeWhere },
};

/** What writes a node; undefined where nothing does. */
export function writingOf(node: Node): Writing | undefined {
  if (isDynamicRange(node)) return { write: writeDynamicRange };
  return node.domain === '' && Object.hasOwn(table, node.op) ? table[node.op] : undefined;
}
