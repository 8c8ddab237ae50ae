import type { Node } from '@espalier/core';
import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import type { OperatorCall } from '../step/operator-call.js';
import {
  type Matrix,
  type ProductSize,
  recordPacking,
  recordProduct,
  recordTransposedProduct,
} from '../step/product.js';
import { sumRows } from './column-sums.js';
import type { Differentiable, Recorded } from './differentiable.js';

/** y [m, n] = x [m, k] * w + bias, w as [n, k] where it is transposed, else [k, n]. */
interface Product extends ProductSize {
  readonly transposed: boolean;
}

/** Gemm with a constant matrix: a fully connected layer. */
export const gemm: Differentiable = {
  clamps: true,
  parameters: () => [
    { index: 1, layout: 'row-major' },
    { index: 2, layout: 'row-major', unit: [0, 1] },
  ],
  refusal(node) {
    const { attributes } = node;
    if (node.inputs[1]?.constant == null) return 'its matrix is not constant';
    if (attributes.int('transA', 0) === 1) return 'its input is transposed';
    if (attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1)
      return 'alpha or beta is not 1';
    return biasRefusal(node);
  },
  record: (call) => record(call, call.node.attributes.int('transB', 0) === 1),
};

/** MatMul by a constant matrix. */
export const matMul: Differentiable = {
  clamps: true,
  parameters: () => [{ index: 1, layout: 'row-major' }],
  refusal(node) {
    const weights = node.inputs[1]?.constant;
    if (weights == null) return 'its second matrix is not constant';
    return weights.dims.length === 2 ? null : `its constant has rank ${weights.dims.length}`;
  },
  record: (call) => record(call, false),
};

function biasRefusal(node: Node): string | null {
  const bias = node.inputs[2];
  if (bias == null) return null;
  if (bias.constant === null) return 'its bias is not constant';
  const columns = node.inputs[1]?.constant?.dims[node.attributes.int('transB', 0) === 1 ? 0 : 1];
  const size = bias.constant.dims.reduce((a, b) => a * b, 1);
  return size === columns ? null : 'its bias is not one number a column';
}

function record(call: OperatorCall, transposed: boolean): Recorded {
  const { step } = call;
  const x = call.input(0);
  const [weights, bias] = [call.parameter(1), call.parameter(2)];
  const n = call.dims.at(-1) ?? 1;
  const k = x.dims.at(-1) ?? 1;
  const product: Product = { m: x.size / k, n, k, transposed };
  const y = step.reals(call.dims, 'row-major');
  // Refused where it is not constant.
  const w = weights?.effective ?? 0;
  const to = y.reals('row-major');
  const whole = call.integerForm({ index: 1, axis: transposed ? 0 : 1 })?.read(x, 'row-major', weights, bias);
  const [from, held, added] = whole
    ? [whole.x, whole.weights, whole.bias]
    : [x.reals('row-major'), w, bias?.effective ?? 0];
  const packed = recordPacking(step, factor(product, held, false), added);
  recordProduct(step, product, from, packed, to, whole === undefined ? call.bounds : undefined);
  return {
    ...(whole?.requantize(y, n, call.bounds) ?? { output: y }),
    backward(gradient) {
      const dy = call.beforeClamp(gradient, y, 'row-major');
      const from = dy.reals('row-major');
      call.giveParameter(bias, (to) => sumRows(step, product.m, n, from, to));
      call.giveParameter(weights, (to) => weightGradient(call, product, x.reals('row-major'), from, to));
      if (call.wants(0)) call.give(0, inputGradient(call, product, from, w, x.dims));
      if (dy !== gradient) dy.release();
    },
  };
}

/** The weights as the right factor of x * w, or of dy * w^T. */
function factor({ n, k, transposed }: Product, w: Argument, isBackward: boolean): Matrix {
  const [rowStride, columnStride] = transposed ? [1, k] : [n, 1];
  if (!isBackward) return { n, k, at: w, rowStride, columnStride };
  return { n: k, k: n, at: w, rowStride: columnStride, columnStride: rowStride };
}

/** dx = dy * w^T */
function inputGradient(
  { step }: OperatorCall,
  product: Product,
  dy: Address,
  w: number,
  dims: readonly number[],
): Activation {
  const { m, n, k } = product;
  const dx = step.reals(dims, 'row-major');
  const packed = recordPacking(step, factor(product, w, true));
  recordProduct(step, { m, n: k, k: n }, dy, packed, dx.reals('row-major'));
  return dx;
}

/** dw = dy^T * x, or x^T * dy: as the weights lie. */
function weightGradient(
  { step }: OperatorCall,
  { m, n, k, transposed }: Product,
  x: Address,
  dy: Address,
  to: Argument,
): void {
  const [inputs, outputs] = [
    { at: x, columns: k },
    { at: dy, columns: n },
  ];
  const [left, right] = transposed ? [outputs, inputs] : [inputs, outputs];
  recordTransposedProduct(step, m, left, right, to);
}
