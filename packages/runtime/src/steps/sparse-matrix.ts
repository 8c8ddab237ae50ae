import type { Value } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { readIntegerProduct, weightOf } from './integer-weights.js';
import { columnBias, leftRows, matrixShape } from './matrix.js';
import { isFloat32Value, needed } from './operands.js';
import { type MatrixShape, scaled } from './place-matrix.js';
import { densityLimit, rowsKnown, SparseProduct } from './sparse-product.js';
import { isPruned, keptElements, prunedCodes } from './sparse-weights.js';

/** Gemm in float32 by pruned weights. */
export function planSparseGemmFloat32(job: Job): Planned | Refusal {
  const { attributes, inputs } = job.node;
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  const shape = weightShape(inputs[1], attributes.int('transB', 0) === 1);
  if ('reason' in shape) return shape;
  const bias = inputs[2] == null ? undefined : job.constant(inputs[2]);
  if (bias === null) return refuse('its bias is not constant');
  const columns = bias && columnBias(bias, shape.n);
  if (columns === null) return refuse('its bias has a row for each sample');
  return planReals(
    job,
    shape,
    attributes.float('alpha', 1),
    columns && scaled(columns, attributes.float('beta', 1)),
  );
}

/** MatMul in float32 by pruned weights. */
export function planSparseMatMulFloat32(job: Job): Planned | Refusal {
  const shape = weightShape(job.node.inputs[1], false);
  return 'reason' in shape ? shape : planReals(job, shape, 1, undefined);
}

function weightShape(value: Value | null | undefined, transposed: boolean): MatrixShape | Refusal {
  const dims = value?.constant?.dims;
  return (dims && matrixShape(dims, transposed)) ?? refuse('its weights are not a constant matrix');
}

function planReals(
  job: Job,
  shape: MatrixShape,
  alpha: number,
  bias: Float32Array | undefined,
): Planned | Refusal {
  const [x, w] = job.node.inputs;
  const encoding = w?.constant;
  if (encoding?.type !== 'float32' || !isFloat32Value(x)) return refuse('it is not float32');
  const decode = (): Float32Array => job.constant(w)?.data as Float32Array; // the type was compared above
  const rows = rowsKnown(x);
  if (!isPruned(encoding, shape, densityLimit(job, 'float32', rows), decode))
    return refuse('its weights are not pruned');
  const { k, n } = shape;
  const read = () => {
    const columns = keptElements(encoding, shape, decode);
    return { ...columns, values: scaled(columns.values, alpha) };
  };
  const product = SparseProduct.float32(job, rows, read, { k, n, bias });
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const m = leftRows(job, input.dims, k);
    const output = Activation.reals(recorder, [...input.dims.slice(0, -1), n], 'row-major');
    product.record(recorder, m, input.reals('row-major'), output.reals('row-major'));
    return [output];
  };
  return { compute, packed: [1, 2], isSparse: true };
}

/** Gemm of codes by pruned integer weights. */
export function planSparseGemmInt8(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  if (attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1)
    return refuse('it scales its result');
  return planCodes(job, attributes.int('transB', 0) === 1);
}

/** MatMul of codes by pruned integer weights. */
export function planSparseMatMulInt8(job: Job): Planned | Refusal {
  return planCodes(job, false);
}

function planCodes(job: Job, transposed: boolean): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const shape = matrixShape(weight.dims, transposed);
  if (shape === null) return refuse('its weights are no matrix');
  const rows = rowsKnown(job.node.inputs[0]);
  const read = prunedCodes(weight, shape, densityLimit(job, 'int8', rows));
  if ('reason' in read) return read;
  const { k, n } = shape;
  const product = readIntegerProduct(job, weight, transposed ? 0 : 1, n, k);
  if ('reason' in product) return product;
  const sparse = SparseProduct.int8(job, rows, read, { k, n, product });
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const m = leftRows(job, input.dims, k);
    const output = Activation.codes(recorder, [...input.dims.slice(0, -1), n], 'row-major', product.y);
    sparse.record(recorder, m, input.codes('row-major'), output.codes('row-major'));
    return [output];
  };
  return { compute, packed: [1, 2], isSparse: true };
}
