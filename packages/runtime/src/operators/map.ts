import { type DataType, isBigInt, Tensor } from '@espalier/core';
import { broadcastDims, broadcastView } from './broadcast.js';
import {
  type BigInts,
  bigIntOf,
  bigIntsOf,
  type Numbers,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
} from './elements.js';
import type { NamedCall } from './operator.js';
import { forEachRow } from './strides.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** One function of numbers, and the same of bigints for int64 and uint64 where they are allowed. */
export interface UnaryFunction {
  number(x: number): number;
  bigint?(x: bigint): bigint;
}

export interface BinaryFunction {
  number(a: number, b: number): number;
  bigint?(a: bigint, b: bigint): bigint;
}

/**
 * Applies a function to each element; the result has the type of `x`. 64-bit integers go through doubles
 * where there is no function of bigints.
 */
export function mapElements(x: Tensor, f: UnaryFunction, call: NamedCall): Tensor {
  if (isBigInt(x.type)) {
    const from = bigIntsOf(x);
    const out = storageFor(x.type, x.dims, call) as BigInts;
    const bigint = f.bigint ?? ((v: bigint) => bigIntOf(f.number(Number(v))));
    for (let i = 0; i < out.length; i++) out[i] = bigint(from[i]!);
    return new Tensor(x.type, out, x.dims);
  }
  const from = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  for (let i = 0; i < out.length; i++) out[i] = f.number(from[i]!);
  return tensorFrom(x.type, out, x.dims);
}

/** Applies a test to each element as a number. */
export function testElements(x: Tensor, test: (x: number) => boolean, call: NamedCall): Tensor {
  const from = numbersOf(x);
  const out = storageFor('bool', x.dims, call) as Uint8Array;
  for (let i = 0; i < out.length; i++) out[i] = test(from[i]!) ? 1 : 0;
  return new Tensor('bool', out, x.dims);
}

/**
 * Applies a function to each pair of elements, broadcasting both ways. Numbers reach it decoded; what it
 * returns is stored as `type` stores it.
 */
export function mapPairs(a: Tensor, b: Tensor, type: DataType, f: BinaryFunction, call: NamedCall): Tensor {
  const dims = broadcastDims([a.dims, b.dims], call);
  if (isBigInt(type) && f.bigint !== undefined) {
    const out = storageFor(type, dims, call) as BigInts;
    eachPair(a.dims, b.dims, dims, bigIntsOf(a), bigIntsOf(b), out, f.bigint);
    return new Tensor(type, out, dims);
  }
  const out = numbersFor(type, dims, call);
  eachPair(a.dims, b.dims, dims, numbersOf(a), numbersOf(b), out, f.number);
  return tensorFrom(type, out, dims);
}

/** Compares each pair of elements, exactly, broadcasting both ways. */
export function comparePairs(
  a: Tensor,
  b: Tensor,
  test: (a: number | bigint, b: number | bigint) => boolean,
  call: NamedCall,
): Tensor {
  const dims = broadcastDims([a.dims, b.dims], call);
  const out = storageFor('bool', dims, call) as Uint8Array;
  const one = (x: number, y: number) => (test(x, y) ? 1 : 0);
  const [from, other] = isBigInt(a.type) ? [bigIntsOf(a), bigIntsOf(b)] : [numbersOf(a), numbersOf(b)];
  // Comparison operators take bigints as they take numbers; the loop never looks inside.
  eachPair(a.dims, b.dims, dims, from as Numbers, other as Numbers, out, one);
  return new Tensor('bool', out, dims);
}

interface Cells<E> {
  readonly length: number;
  [index: number]: E;
}

function eachPair<E>(
  aDims: readonly number[],
  bDims: readonly number[],
  dims: readonly number[],
  a: Cells<E>,
  b: Cells<E>,
  out: Cells<E>,
  f: (a: E, b: E) => E,
): void {
  const views = [broadcastView(aDims, dims), broadcastView(bDims, dims)];
  forEachRow(dims, views, (at, [p = 0, q = 0], length, [stepA = 0, stepB = 0]) => {
    if (stepA === 1 && stepB === 1) for (let i = 0; i < length; i++) out[at + i] = f(a[p + i]!, b[q + i]!);
    else for (let i = 0; i < length; i++) out[at + i] = f(a[p + i * stepA]!, b[q + i * stepB]!);
  });
}
