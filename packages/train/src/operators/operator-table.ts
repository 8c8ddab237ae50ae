import { add, div, mul, sub } from './arithmetic.js';
import { averagePool, globalAveragePool } from './average-pool.js';
import { batchNormalization } from './batch-normalization.js';
import { clamp } from './clamp.js';
import { concat } from './concat.js';
import { conv } from './conv.js';
import type { Differentiable } from './differentiable.js';
import { dropout } from './dropout.js';
import { expand } from './expand.js';
import { gru } from './gru.js';
import { lstm } from './lstm.js';
import { gemm, matMul } from './matrix-product.js';
import { maxPool } from './max-pool.js';
import { movement } from './movement.js';
import { reduceMean, reduceSum } from './reduce.js';
import { reshape } from './reshape.js';
import { softmax } from './softmax.js';
import { transpose } from './transpose.js';
import { exp, hardSigmoid, hardSwish, leakyRelu, log, neg, sigmoid, sqrt, tanh } from './unary.js';

/** Every operator that can be trained through, by its ONNX name. */
export const operatorTable: Readonly<Record<string, Differentiable>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Clip: clamp,
  Concat: concat,
  Conv: conv,
  DepthToSpace: movement,
  Div: div,
  Dropout: dropout,
  Exp: exp,
  Expand: expand,
  Flatten: reshape,
  Gather: movement,
  Gemm: gemm,
  GRU: gru,
  GlobalAveragePool: globalAveragePool,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: reshape,
  LSTM: lstm,
  LeakyRelu: leakyRelu,
  Log: log,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: mul,
  Neg: neg,
  Pad: movement,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  Relu: clamp,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Slice: movement,
  Softmax: softmax,
  SpaceToDepth: movement,
  Split: movement,
  Sqrt: sqrt,
  Squeeze: reshape,
  Sub: sub,
  Tanh: tanh,
  Tile: movement,
  Transpose: transpose,
  Unsqueeze: reshape,
};
