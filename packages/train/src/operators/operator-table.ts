import { add } from './add.js';
import { averagePool, globalAveragePool } from './average-pool.js';
import { batchNormalization } from './batch-normalization.js';
import { clamp } from './clamp.js';
import { conv } from './conv.js';
import type { Differentiable } from './differentiable.js';
import { dropout } from './dropout.js';
import { gemm, matMul } from './matrix-product.js';
import { maxPool } from './max-pool.js';
import { reshape } from './reshape.js';
import { exp, hardSigmoid, hardSwish, leakyRelu, log, neg, sigmoid, sqrt, tanh } from './unary.js';

/** Every operator that can be trained through, by its ONNX name. */
export const operatorTable: Readonly<Record<string, Differentiable>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Clip: clamp,
  Conv: conv,
  Dropout: dropout,
  Exp: exp,
  Flatten: reshape,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: reshape,
  LeakyRelu: leakyRelu,
  Log: log,
  MatMul: matMul,
  MaxPool: maxPool,
  Neg: neg,
  Relu: clamp,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Sqrt: sqrt,
  Squeeze: reshape,
  Tanh: tanh,
  Unsqueeze: reshape,
};
