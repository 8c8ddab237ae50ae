import { add } from './add.js';
import { clamp } from './clamp.js';
import { conv } from './conv.js';
import type { Differentiable } from './differentiable.js';
import { dropout } from './dropout.js';
import { gemm, matMul } from './matrix-product.js';
import { maxPool } from './max-pool.js';
import { reshape } from './reshape.js';

/** Every operator that can be trained through, by its ONNX name. */
export const operatorTable: Readonly<Record<string, Differentiable>> = {
  Add: add,
  Clip: clamp,
  Conv: conv,
  Dropout: dropout,
  Flatten: reshape,
  Gemm: gemm,
  Identity: reshape,
  MatMul: matMul,
  MaxPool: maxPool,
  Relu: clamp,
  Reshape: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
};
