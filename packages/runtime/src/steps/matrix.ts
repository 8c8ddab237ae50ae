import { elementCount, ShapeError, type Tensor } from '@espalier/core';
import { packedGemmF32Bytes, packGemmF32 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { mayBeFloat32, needed } from './operands.js';

/** Constant weights [k, n] of a Gemm or MatMul, by strides. */
export interface MatrixShape {
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A rank 2 tensor as [k, n], read transposed or not. */
export function matrixShape(dims: readonly number[], transposed: boolean): MatrixShape | null {
  const [rows, columns] = dims;
  if (rows === undefined || columns === undefined || dims.length !== 2) return null;
  return transposed
    ? { k: columns, n: rows, rowStride: 1, columnStride: columns }
    : { k: rows, n: columns, rowStride: columns, columnStride: 1 };
}

/** Rows of the left matrix, whose last dimension must be `k`. */
export function leftRows(job: Job, dims: readonly number[], k: number): number {
  if (dims.length > 0 && dims.at(-1) === k) return elementCount(dims.slice(0, -1));
  throw new ShapeError({
    what: `${job.node.op} got a left matrix of shape [${dims.join(', ')}], its weights have ${k} rows.`,
    where: `node "${job.node.name}"`,
  });
}

/** A bias of one number a column, or of one for all; null where it differs from row to row. */
export function columnBias(bias: Tensor, n: number): Float32Array | null {
  const data = bias.data as Float32Array;
  if (data.length === 1) return new Float32Array(n).fill(data[0] ?? 0);
  return data.length === n && bias.dims.at(-1) === n ? data : null;
}

/** Gemm in float32 with constant weights and bias. */
export function planGemmFloat32(job: Job): Planned | Refusal {
  const { attributes, inputs } = job.node;
  const [x, w, b] = inputs;
  const weights = job.constant(w);
  const bias = job.constant(b);
  if (weights === null || (b != null && bias === null)) return refuse('its weights are not constant');
  if (!mayBeFloat32(x) || weights.type !== 'float32') return refuse('it is not float32');
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  const shape = matrixShape(weights.dims, attributes.int('transB', 0) === 1);
  const columns = shape === null || bias === null ? null : columnBias(bias, shape.n);
  if (shape === null || (bias !== null && columns === null))
    return refuse('its bias has a row for each sample');
  const packed = packGemmF32({
    ...shape,
    data: scaled(weights.data as Float32Array, attributes.float('alpha', 1)),
    bias: columns === null ? undefined : scaled(columns, attributes.float('beta', 1)),
  });
  return { compute: matrixFloat32(job, shape, job.workspace.heap.place(packed)), packed: [1, 2] };
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => value * factor);
}

/** MatMul in float32: by a constant matrix, or by matrices of an activation. */
export function planMatMulFloat32(job: Job): Planned | Refusal {
  const [a, b] = job.node.inputs;
  if (!mayBeFloat32(a) || !mayBeFloat32(b)) return refuse('it is not float32');
  const weights = job.constant(b);
  const shape = weights === null ? null : matrixShape(weights.dims, false);
  if (weights === null || shape === null) return planRunTimeMatMul(job);
  const packed = packGemmF32({ ...shape, data: weights.data as Float32Array });
  return { compute: matrixFloat32(job, shape, job.workspace.heap.place(packed)), packed: [1] };
}

function matrixFloat32(job: Job, { k, n }: MatrixShape, weights: number): Planned['compute'] {
  const { workspace, clamp } = job;
  return (inputs) => {
    const x = needed(inputs, 0, job);
    const m = leftRows(job, x.dims, k);
    const y = Activation.reals(workspace, [...x.dims.slice(0, -1), n], 'row-major');
    const from = x.reals('row-major');
    workspace.kernels.gemmF32(m, n, k, from, k, weights, y.reals('row-major'), n, clamp.low, clamp.high);
    return [y];
  };
}

/** Leading dims of a batched product, and where each operand's matrices start. */
export interface BatchedProduct {
  readonly batchDims: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Index of the left and right matrix for each product. */
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/**
 * How MatMul pairs the matrices of two operands of rank 2 and more; null for vectors.
 *
 * @throws {ShapeError} when the dims do not fit
 */
export function pairMatrices(job: Job, a: readonly number[], b: readonly number[]): BatchedProduct | null {
  if (a.length < 2 || b.length < 2) return null;
  const [m = 0, k = 0] = a.slice(-2);
  const [rows = 0, n = 0] = b.slice(-2);
  const rank = Math.max(a.length, b.length) - 2;
  const lead = (dims: readonly number[]): number[] => [
    ...new Array<number>(rank - (dims.length - 2)).fill(1),
    ...dims.slice(0, -2),
  ];
  const [leadA, leadB] = [lead(a), lead(b)];
  const batchDims = leadA.map((size, axis) => (size === 1 ? (leadB[axis] ?? 1) : size));
  const fits = batchDims.every((size, axis) => leadB[axis] === 1 || leadB[axis] === size);
  if (!fits || rows !== k) {
    throw new ShapeError({
      what: `MatMul can't multiply [${a.join(', ')}] by [${b.join(', ')}].`,
      where: `node "${job.node.name}"`,
    });
  }
  return {
    batchDims,
    m,
    k,
    n,
    left: matrixIndices(batchDims, leadA),
    right: matrixIndices(batchDims, leadB),
  };
}

/** For each index of `dims` in row-major order, the index into `own`, whose dims of 1 repeat. */
function matrixIndices(dims: readonly number[], own: readonly number[]): number[] {
  let indices = [0];
  for (const [axis, size] of dims.entries()) {
    const step = own[axis] === 1 ? 0 : 1;
    indices = indices.flatMap((index) =>
      Array.from({ length: size }, (_, i) => index * (own[axis] ?? 1) + i * step),
    );
  }
  return indices;
}

function planRunTimeMatMul(job: Job): Planned | Refusal {
  const ranks = job.node.inputs.map((value) => (value?.type?.dims ?? value?.constant?.dims)?.length);
  if (ranks.some((rank) => rank === undefined || rank < 2))
    return refuse('a product with a vector has no kernel');
  const { workspace, clamp } = job;
  const { kernels } = workspace;
  const compute: Planned['compute'] = (inputs) => {
    const [a, b] = [needed(inputs, 0, job), needed(inputs, 1, job)];
    const product = pairMatrices(job, a.dims, b.dims);
    if (product === null)
      throw new ShapeError({ what: 'MatMul got a vector.', where: `node "${job.node.name}"` });
    const { batchDims, m, k, n, left, right } = product;
    const y = Activation.reals(workspace, [...batchDims, m, n], 'row-major');
    const [fromA, fromB] = [a.reals('row-major'), b.reals('row-major')];
    const packed = workspace.scratch(packedGemmF32Bytes(n, k));
    let packedIndex = -1;
    for (const [i, index] of left.entries()) {
      const other = right[i] ?? 0;
      if (other !== packedIndex) kernels.packGemmBF32(n, k, fromB + other * k * n * 4, n, 1, 0, packed);
      packedIndex = other;
      const to = y.reals('row-major') + i * m * n * 4;
      kernels.gemmF32(m, n, k, fromA + index * m * k * 4, k, packed, to, n, clamp.low, clamp.high);
    }
    return [y];
  };
  return { compute };
}
