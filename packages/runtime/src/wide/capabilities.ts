import type { Node } from '@espalier/core';
import type { Computing } from '../fixed-point/capabilities.js';
import type { Capability, Planner } from '../plan/job.js';
import { planProductI16, planSumI16 } from './arithmetic.js';
import { planConvI16 } from './conv.js';
import { planConvTransposeI16 } from './conv-transpose.js';
import { planClampI16, planLeakyReluI16, planRescale, planSigmoidI16 } from './elementwise.js';
import { planGemmI16, planMatMulI16 } from './matrix.js';
import { planAveragePoolI16, planMeanI16 } from './pool.js';
import { planSoftmaxI16 } from './softmax.js';

function clamping(plan: Planner): readonly Capability[] {
  return [{ implementation: 'int16', plan, clamps: true }];
}

function plain(plan: Planner): readonly Capability[] {
  return [{ implementation: 'int16', plan }];
}

/** Products of codes with integer weights: what every rule computes as integers. */
const products: Computing = {
  Conv: clamping(planConvI16),
  ConvTranspose: clamping(planConvTransposeI16),
  Gemm: clamping(planGemmI16),
  MatMul: clamping(planMatMulI16),
};

/** Those that compute a node by rule `onnx`. */
export function integerProducts({ domain, op }: Node): readonly Capability[] {
  return domain === '' && Object.hasOwn(products, op) ? (products[op] ?? []) : [];
}

/** Operators that compute new codes of 16 bits, each as TensorFlow Lite Micro defines it. */
export const fixedPointComputing: Computing = {
  ...products,
  Add: clamping(planSumI16('addI16')),
  AveragePool: clamping(planAveragePoolI16),
  Clip: clamping(planClampI16),
  GlobalAveragePool: clamping(planMeanI16),
  Identity: clamping(planRescale),
  LeakyRelu: plain(planLeakyReluI16),
  Mul: clamping(planProductI16),
  ReduceMean: clamping(planMeanI16),
  ReduceSum: clamping(planMeanI16),
  Relu: clamping(planClampI16),
  Sigmoid: plain(planSigmoidI16(false)),
  Softmax: plain(planSoftmaxI16),
  Sub: clamping(planSumI16('subI16')),
  Tanh: plain(planSigmoidI16(true)),
};
