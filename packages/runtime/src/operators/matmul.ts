import { type DataType, isBigInt, isFloat, Tensor, type TensorData } from '@espalier/core';
import { samePair } from './binary-math.js';
import { broadcastDims, broadcastView, stretchedView } from './broadcast.js';
import {
  type BigInts,
  bigIntsOf,
  type Numbers,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
  tensorFromDoubles,
} from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required, shown } from './inputs.js';
import { type MatrixPlace, multiply, multiplyExact } from './matrix-product.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { forEachRow } from './strides.js';

const types: readonly DataType[] = ['float32', 'float64', 'float16', 'int32', 'uint32', 'int64', 'uint64'];

/** Matrix products. Float sums are kept in double; integers wrap. */
export const matrixProducts: OperatorFamily = {
  MatMul: {
    types,
    required: 2,
    run(inputs, call) {
      const [a, b] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      return [matMul(a, b, call)];
    },
  },
  Gemm: { types, required: 2, run: (inputs, call) => [gemm(inputs, call)] },
};

/** How a product of stacks of matrices goes: shapes after broadcasting, and a visit for each pair. */
export interface ProductShape {
  readonly dims: readonly number[];
  /** [m, k, n] of each product. */
  readonly size: readonly [number, number, number];
  /** Calls back once a pair with the places of both and the start of their product. */
  eachPair(visit: (a: MatrixPlace, b: MatrixPlace, outStart: number) => void): void;
}

/** numpy's matmul: stacks broadcast, a vector is a row on the left and a column on the right. */
export function productShape(
  aDims: readonly number[],
  bDims: readonly number[],
  call: NamedCall,
): ProductShape {
  const left = aDims.length === 1 ? [1, ...aDims] : aDims;
  const right = bDims.length === 1 ? [...bDims, 1] : bDims;
  const [m, k] = left.slice(-2);
  const [depth, n] = right.slice(-2);
  if (m === undefined || n === undefined || k === undefined || k !== depth) {
    throw shapeError(call, `shapes ${shown(aDims)} and ${shown(bDims)} can't be multiplied.`);
  }
  const stack = broadcastDims([left.slice(0, -2), right.slice(0, -2)], call);
  const views = [left, right].map((dims) => {
    const view = broadcastView(dims.slice(0, -2), stack);
    const matrix = (dims.at(-2) ?? 1) * (dims.at(-1) ?? 1);
    return { start: 0, strides: view.strides.map((stride) => stride * matrix) };
  });
  return {
    dims: [...stack, ...(aDims.length === 1 ? [] : [m]), ...(bDims.length === 1 ? [] : [n])],
    size: [m, k, n],
    eachPair(visit) {
      forEachRow(stack, views, (at, [p = 0, q = 0], length, [stepA = 0, stepB = 0]) => {
        for (let i = 0; i < length; i++) {
          const a = { start: p + i * stepA, rowStride: k, columnStride: 1 };
          visit(a, { start: q + i * stepB, rowStride: n, columnStride: 1 }, (at + i) * m * n);
        }
      });
    },
  };
}

function matMul(a: Tensor, b: Tensor, call: NamedCall): Tensor {
  const shape = productShape(a.dims, b.dims, call);
  if (isFloat(a.type)) {
    const out = numbersFor(a.type, shape.dims, call);
    const [left, right] = [numbersOf(a), numbersOf(b)];
    shape.eachPair((p, q, start) => multiply(left, p, right, q, out, start, shape.size));
    return tensorFrom(a.type, out, shape.dims);
  }
  const data = storageFor(a.type, shape.dims, call);
  shape.eachPair((p, q, start) => multiplyIntegers(a, p, b, q, data, start, shape.size));
  return new Tensor<DataType>(a.type, data, shape.dims);
}

function multiplyIntegers(
  a: Tensor,
  p: MatrixPlace,
  b: Tensor,
  q: MatrixPlace,
  out: TensorData,
  start: number,
  size: readonly [number, number, number],
): void {
  if (isBigInt(a.type)) {
    const add = (sum: bigint, x: bigint, y: bigint) => BigInt.asIntN(64, sum + x * y);
    multiplyExact<bigint>(bigIntsOf(a), p, bigIntsOf(b), q, out as BigInts, start, size, 0n, add);
  } else {
    const add = (sum: number, x: number, y: number) => (sum + Math.imul(x, y)) | 0;
    multiplyExact<number>(numbersOf(a), p, numbersOf(b), q, out as Numbers, start, size, 0, add);
  }
}

/** alpha * A' * B' + beta * C, where ' transposes if asked to and C stretches to the product. */
function gemm(inputs: Inputs, call: NamedCall): Tensor {
  const [a, b] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
  const c = optional(inputs, 2);
  const { attributes } = call;
  const left = placeMatrix(a, attributes.int('transA', 0) !== 0, call);
  const right = placeMatrix(b, attributes.int('transB', 0) !== 0, call);
  if (left.columns !== right.rows) {
    throw shapeError(call, `shapes ${shown(a.dims)} and ${shown(b.dims)} can't be multiplied.`);
  }
  const dims = [left.rows, right.columns];
  const size = [left.rows, left.columns, right.columns] as const;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  if (isFloat(a.type)) {
    const sums = storageFor('float64', dims, call) as Float64Array;
    multiply(numbersOf(a), left, numbersOf(b), right, sums, 0, size);
    if (alpha !== 1) for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) * alpha;
    if (c !== null && beta !== 0) addScaled(sums, dims, c, beta, call);
    return tensorFromDoubles(a.type, sums, dims, call);
  }
  return integerGemm(a, left, b, right, c, [alpha, beta], size, call);
}

interface PlacedMatrix extends MatrixPlace {
  readonly rows: number;
  readonly columns: number;
}

function placeMatrix(tensor: Tensor, transposed: boolean, call: NamedCall): PlacedMatrix {
  const [rows, columns] = tensor.dims;
  if (rows === undefined || columns === undefined || tensor.dims.length !== 2) {
    throw shapeError(call, `an input has shape ${shown(tensor.dims)}, a matrix is expected.`);
  }
  return transposed
    ? { start: 0, rows: columns, columns: rows, rowStride: 1, columnStride: columns }
    : { start: 0, rows, columns, rowStride: columns, columnStride: 1 };
}

function addScaled(
  sums: Float64Array,
  dims: readonly number[],
  c: Tensor,
  beta: number,
  call: NamedCall,
): void {
  const values = numbersOf(c);
  forEachRow(dims, [stretchedView(c.dims, dims, call)], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++)
      sums[at + i] = (sums[at + i] ?? 0) + beta * (values[start + i * step] ?? 0);
  });
}

/** Whole alpha and beta only: ONNX does not say how others would be cut. */
function integerGemm(
  a: Tensor,
  left: PlacedMatrix,
  b: Tensor,
  right: PlacedMatrix,
  c: Tensor | null,
  [alpha, beta]: readonly [number, number],
  size: readonly [number, number, number],
  call: NamedCall,
): Tensor {
  if (!Number.isInteger(alpha) || !Number.isInteger(beta)) {
    throw unsupported(call, `alpha ${alpha} and beta ${beta} are not whole, the inputs are ${a.type}.`);
  }
  const dims = [left.rows, right.columns];
  const data = storageFor(a.type, dims, call);
  multiplyIntegers(a, left, b, right, data, 0, size);
  const view = c === null ? { start: 0, strides: [0, 0] } : stretchedView(c.dims, dims, call);
  forEachRow(dims, [view], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++) {
      const addend = c === null ? 0n : BigInt(c.data[start + i * step] ?? 0);
      const sum = BigInt(alpha) * BigInt(data[at + i] ?? 0) + BigInt(beta) * addend;
      if (isBigInt(a.type)) data[at + i] = sum;
      else data[at + i] = Number(BigInt.asIntN(32, sum));
    }
  });
  return new Tensor(a.type, data, dims);
}
