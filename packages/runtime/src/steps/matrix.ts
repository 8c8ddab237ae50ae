import { elementCount, ShapeError, type Tensor } from '@espalier/core';
import { packedGemmF32Bytes } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { alignedDims, broadcastDims, repeatedIndex } from './broadcast.js';
import { isFloat32Value, needed } from './operands.js';
import { type MatrixShape, placeMatrix, scaled } from './place-matrix.js';

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
  const weights = w?.constant;
  const bias = job.constant(b);
  if (weights == null || (b != null && bias === null)) return refuse('its weights are not constant');
  if (!isFloat32Value(x) || weights.type !== 'float32') return refuse('it is not float32');
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  const shape = matrixShape(weights.dims, attributes.int('transB', 0) === 1);
  const columns = shape === null || bias === null ? null : columnBias(bias, shape.n);
  if (shape === null || (bias !== null && columns === null))
    return refuse('its bias has a row for each sample');
  const scaledBias = columns === null ? undefined : scaled(columns, attributes.float('beta', 1));
  const place = placeMatrix(job, 1, shape, attributes.float('alpha', 1), scaledBias);
  return { compute: matrixFloat32(job, shape, place), packed: [1, 2] };
}

/** MatMul in float32: by a constant matrix, or by matrices of an activation. */
export function planMatMulFloat32(job: Job): Planned | Refusal {
  const [a, b] = job.node.inputs;
  if (!isFloat32Value(a) || !isFloat32Value(b)) return refuse('it is not float32');
  const dims = b?.constant?.dims;
  const shape = dims === undefined ? null : matrixShape(dims, false);
  if (shape === null) return planRunTimeMatMul(job);
  return { compute: matrixFloat32(job, shape, placeMatrix(job, 1, shape)), packed: [1] };
}

/** Rows from which parts of some of them read weights often enough. */
const MANY_ROWS = 32;
/** Columns that are packed together. */
const PANEL = 8;

function matrixFloat32(job: Job, { k, n }: MatrixShape, weights: number): Compute {
  const { low, high } = job.clamp;
  return (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const m = leftRows(job, x.dims, k);
    const y = Activation.reals(recorder, [...x.dims.slice(0, -1), n], 'row-major');
    const [from, to] = [x.reals('row-major'), y.reals('row-major')];
    if (m >= MANY_ROWS) {
      recorder.split('gemmF32', m, m * n * k, ({ first, end }) => {
        const [a, c] = [from.plus(first * k * 4), to.plus(first * n * 4)];
        return [end - first, n, k, a, k, weights, c, n, low, high];
      });
      return [y];
    }
    // Few rows wait for weights: each thread reads some panels of 8 columns.
    recorder.split('gemmF32', Math.ceil(n / PANEL), m * n * k, ({ first, end }) => {
      const columns = Math.min(end * PANEL, n) - first * PANEL;
      const [panel, c] = [weights + first * packedGemmF32Bytes(PANEL, k), to.plus(first * PANEL * 4)];
      return [m, columns, k, from, k, panel, c, n, low, high];
    });
    return [y];
  };
}

/** A batched product: leading dims of the result, and which matrices are multiplied. */
export interface BatchedProduct {
  readonly batchDims: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** The left and right matrix of each product, in the order of the results. */
  readonly pairs: MatrixPairs;
}

/** Whether both operands of a MatMul are known to be of rank 2 or more. */
export function ranksAllowBatches({ node }: Job): boolean {
  return node.inputs.every((value) => ((value?.type?.dims ?? value?.constant?.dims)?.length ?? 0) >= 2);
}

/**
 * How MatMul pairs the matrices of two operands of rank 2 and more.
 *
 * @throws {ShapeError} when the dims do not fit
 */
export function batchedProduct(job: Job, a: readonly number[], b: readonly number[]): BatchedProduct {
  const [m = 0, k = 0] = a.slice(-2);
  const [rows = 0, n = 0] = b.slice(-2);
  const batchDims = broadcastDims(a.slice(0, -2), b.slice(0, -2));
  if (batchDims === null || rows !== k || a.length < 2 || b.length < 2) {
    throw new ShapeError({
      what: `MatMul can't multiply [${a.join(', ')}] by [${b.join(', ')}].`,
      where: `node "${job.node.name}"`,
    });
  }
  const left = alignedDims(a.slice(0, -2), batchDims.length);
  const right = alignedDims(b.slice(0, -2), batchDims.length);
  const count = m === 0 || n === 0 ? 0 : elementCount(batchDims);
  return { batchDims, m, k, n, pairs: new MatrixPairs(count, batchDims, left, right) };
}

/** Which matrices are multiplied: computed, not listed, as there may be more than memory holds. */
export class MatrixPairs {
  readonly length: number;
  readonly #batchDims: readonly number[];
  readonly #left: readonly number[];
  readonly #right: readonly number[];

  constructor(
    length: number,
    batchDims: readonly number[],
    left: readonly number[],
    right: readonly number[],
  ) {
    this.length = length;
    this.#batchDims = batchDims;
    this.#left = left;
    this.#right = right;
  }

  /** Index of the left and of the right matrix. */
  at(index: number): readonly [number, number] {
    const batch = this.#batchDims;
    return [repeatedIndex(index, batch, this.#left), repeatedIndex(index, batch, this.#right)];
  }
}

function planRunTimeMatMul(job: Job): Planned | Refusal {
  if (!ranksAllowBatches(job)) return refuse('a product with a vector has no kernel');
  const { low, high } = job.clamp;
  const compute: Compute = (inputs, recorder) => {
    const [a, b] = [needed(inputs, 0, job), needed(inputs, 1, job)];
    const { batchDims, m, k, n, pairs } = batchedProduct(job, a.dims, b.dims);
    const y = Activation.reals(recorder, [...batchDims, m, n], 'row-major');
    const [fromA, fromB, to] = [a.reals('row-major'), b.reals('row-major'), y.reals('row-major')];
    const packed = recorder.scratch(packedGemmF32Bytes(n, k));
    recorder.sequence(pairs.length, (index) => {
      const [p, q] = pairs.at(index);
      const [left, right] = [fromA.plus(p * m * k * 4), fromB.plus(q * k * n * 4)];
      const args = [m, n, k, left, k, packed, to.plus(index * m * n * 4), n, low, high];
      return [
        { kernel: 'packGemmBF32', args: [n, k, right, n, 1, 0, packed] },
        { kernel: 'gemmF32', args, macs: m * n * k },
      ];
    });
    return [y];
  };
  return { compute };
}
