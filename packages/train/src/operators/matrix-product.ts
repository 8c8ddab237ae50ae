import type { Node } from '@espalier/core';
import { packedGemmF32Bytes } from '@espalier/kernels';
import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import { plus } from '../step/argument.js';
import type { OperatorCall } from '../step/operator-call.js';
import { sumRows } from './column-sums.js';
import type { Differentiable, Recorded } from './differentiable.js';

/** Rows that the kernel computes together. */
const UNIT = 4;

/** y [m, n] = x [m, k] * w + bias, w as [n, k] where it is transposed, else [k, n]. */
interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposed: boolean;
}

/** Gemm with a constant matrix: a fully connected layer. */
export const gemm: Differentiable = {
  clamps: true,
  parameters: () => [
    { index: 1, layout: 'row-major' },
    { index: 2, layout: 'row-major' },
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
  forward(call, product, x.reals('row-major'), w, bias?.effective ?? 0, y.reals('row-major'));
  return {
    output: y,
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

function forward(
  { step, bounds }: OperatorCall,
  { m, n, k, transposed }: Product,
  x: Argument,
  w: number,
  bias: number,
  y: Address,
): void {
  const packed = step.scratch(packedGemmF32Bytes(n, k));
  const [rowStride, columnStride] = transposed ? [1, k] : [n, 1];
  step.call('packGemmBF32', [n, k, w, rowStride, columnStride, bias, packed]);
  rows(step, { m, n, k }, x, packed, y, bounds.low, bounds.high);
}

/** dx = dy * w^T */
function inputGradient(
  { step }: OperatorCall,
  { m, n, k, transposed }: Product,
  dy: Address,
  w: number,
  dims: readonly number[],
): Activation {
  const dx = step.reals(dims, 'row-major');
  const packed = step.scratch(packedGemmF32Bytes(k, n));
  const [rowStride, columnStride] = transposed ? [k, 1] : [1, n];
  step.call('packGemmBF32', [k, n, w, rowStride, columnStride, 0, packed]);
  rows(step, { m, n: k, k: n }, dy, packed, dx.reals('row-major'));
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
  const [left, leftColumns, right, rightColumns] = transposed ? [dy, n, x, k] : [x, k, dy, n];
  const turned = step.scratch(m * leftColumns * 4);
  const packed = step.scratch(packedGemmF32Bytes(rightColumns, m));
  step.call('transposeF32', [1, m, leftColumns, left, turned]);
  step.call('packGemmBF32', [rightColumns, m, right, rightColumns, 1, 0, packed]);
  rows(step, { m: leftColumns, n: rightColumns, k: m }, turned, packed, to);
}

/** c [m, n] = clamp(a [m, k] * b), by rows. */
function rows(
  step: OperatorCall['step'],
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
  a: Argument,
  b: Argument,
  c: Argument,
  low = -Infinity,
  high = Infinity,
): void {
  step.split(
    'gemmF32',
    m,
    m * n * k,
    ({ first, end }) => [
      end - first,
      n,
      k,
      plus(a, first * k * 4),
      k,
      b,
      plus(c, first * n * 4),
      n,
      low,
      high,
    ],
    { unit: UNIT },
  );
}
