import { type DataType, type IntegerType, integerRange, isBigInt, isFloat, Tensor } from '@espalier/core';
import {
  type BigInts,
  bigIntOf,
  bigIntsOf,
  type Numbers,
  numbersOf,
  storageFor,
  tensorFromDoubles,
} from './elements.js';
import { integersOf, optional, required, resolveAxes } from './inputs.js';
import type { Inputs, NamedCall, OperatorDefinition, OperatorFamily } from './operator.js';
import { offsetsOf, stridesOf } from './strides.js';
import { numericTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Reduces the elements at `base + offsets[i]`; floats arrive decoded, sums are kept in double. */
type NumberReducer = (x: Numbers, base: number, offsets: Int32Array) => number;

/** The same for int64 and uint64, exact up to the wrap-around of their arrays. */
type BigIntReducer = (x: BigInts, base: number, offsets: Int32Array) => bigint;

interface Reducers {
  readonly number: NumberReducer;
  /** For integers of up to 32 bits, where the float form would lose low bits. */
  readonly integer?: NumberReducer;
  readonly bigint: BigIntReducer;
}

const sum = fold((total, value) => total + value, 0);
const sumSquare = fold((total, value) => total + value * value, 0);
const bigSum = bigFold((total, value) => total + value, 0n);
const bigSumSquare = bigFold((total, value) => total + value * value, 0n);

/** Shifted by the greatest element, so that no exp overflows. */
const logSumExp: NumberReducer = (x, base, offsets) => {
  let max = -Infinity;
  for (let i = 0; i < offsets.length; i++) max = Math.max(max, x[base + offsets[i]!]!);
  // An infinite maximum is the result itself (or NaN, or the log of an empty sum); shifting by it makes NaN.
  if (!Number.isFinite(max)) return max;
  let total = 0;
  for (let i = 0; i < offsets.length; i++) total += Math.exp(x[base + offsets[i]!]! - max);
  return max + Math.log(total);
};

const asBigInt = (reducer: NumberReducer): BigIntReducer => {
  return (x, base, offsets) => {
    const values = Float64Array.from(offsets, (offset) => Number(x[base + offset]!));
    return bigIntOf(reducer(values, 0, Int32Array.from(values.keys())));
  };
};

/** Reductions over given axes. An empty set gives the neutral element. */
export const reductions: OperatorFamily = {
  ReduceL1: reduction({
    number: fold((total, value) => total + Math.abs(value), 0),
    bigint: bigFold((total, value) => total + (value < 0n ? -value : value), 0n),
  }),
  ReduceL2: reduction(throughNumbers((x, base, offsets) => Math.sqrt(sumSquare(x, base, offsets)))),
  ReduceLogSum: reduction(throughNumbers((x, base, offsets) => Math.log(sum(x, base, offsets)))),
  ReduceLogSumExp: reduction(throughNumbers(logSumExp)),
  ReduceMax: extreme('max'),
  ReduceMean: reduction({
    number: (x, base, offsets) => sum(x, base, offsets) / offsets.length,
    bigint: (x, base, offsets) => {
      return offsets.length === 0 ? 0n : bigSum(x, base, offsets) / BigInt(offsets.length);
    },
  }),
  ReduceMin: extreme('min'),
  ReduceProd: reduction({
    number: fold((total, value) => total * value, 1),
    integer: fold(Math.imul, 1),
    bigint: bigFold((total, value) => BigInt.asIntN(64, total * value), 1n),
  }),
  ReduceSum: reduction({ number: sum, bigint: bigSum }),
  ReduceSumSquare: reduction({
    number: sumSquare,
    integer: fold((total, value) => (total + Math.imul(value, value)) | 0, 0),
    bigint: bigSumSquare,
  }),
};

function throughNumbers(number: NumberReducer): Reducers {
  return { number, bigint: asBigInt(number) };
}

function fold(f: (total: number, value: number) => number, first: number): NumberReducer {
  return (x, base, offsets) => {
    let total = first;
    for (let i = 0; i < offsets.length; i++) total = f(total, x[base + offsets[i]!]!);
    return total;
  };
}

function bigFold(f: (total: bigint, value: bigint) => bigint, first: bigint): BigIntReducer {
  return (x, base, offsets) => {
    let total = first;
    for (let i = 0; i < offsets.length; i++) total = f(total, x[base + offsets[i]!]!);
    return total;
  };
}

function reduction(reducers: Reducers): OperatorDefinition {
  return { types: numericTypes, run: (inputs, call) => [reduce(inputs, () => reducers, call)] };
}

/** The greatest or least element; that of an empty set is the least or greatest value of the type. */
function extreme(which: 'max' | 'min'): OperatorDefinition {
  const reducersFor = (type: DataType): Reducers => {
    const [least, greatest] = limits(type);
    const first = which === 'max' ? least : greatest;
    return which === 'max'
      ? {
          number: fold(Math.max, Number(first)),
          bigint: bigFold((a, b) => (a > b ? a : b), BigInt.asIntN(65, toBig(first))),
        }
      : {
          number: fold(Math.min, Number(first)),
          bigint: bigFold((a, b) => (a < b ? a : b), BigInt.asIntN(65, toBig(first))),
        };
  };
  return {
    types: [...numericTypes, 'bool'],
    run: (inputs, call) => [reduce(inputs, reducersFor, call)],
  };
}

function limits(type: DataType): readonly [number | bigint, number | bigint] {
  if (isFloat(type)) return [-Infinity, Infinity];
  if (type === 'bool') return [0, 1];
  if (type === 'int64') return [-(2n ** 63n), 2n ** 63n - 1n];
  if (type === 'uint64') return [0n, 2n ** 64n - 1n];
  // All that is left of the types.
  const { min, max } = integerRange(type as IntegerType);
  return [min, max];
}

function toBig(limit: number | bigint): bigint {
  return typeof limit === 'bigint' ? limit : bigIntOf(limit);
}

/** Which axes of a shape are reduced, and what is left of it. */
export interface ReducedShape {
  /** With the reduced axes as 1, or without them. */
  readonly dims: number[];
  /** Start of each group in the input, one a result element. */
  readonly bases: Int32Array;
  /** Elements of a group, relative to its start. */
  readonly offsets: Int32Array;
}

export function reducedShape(dims: readonly number[], axes: readonly number[], keep: boolean): ReducedShape {
  const strides = stridesOf(dims);
  const kept = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const pick = (values: readonly number[], chosen: readonly number[]) =>
    chosen.map((axis) => values[axis] ?? 0);
  return {
    dims: dims.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : [])),
    bases: offsetsOf(pick(dims, kept), pick(strides, kept)),
    offsets: offsetsOf(pick(dims, axes), pick(strides, axes)),
  };
}

function reduce(inputs: Inputs, reducersFor: (type: DataType) => Reducers, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const shape = reducedShape(x.dims, axesOf(inputs, call), call.attributes.int('keepdims', 1) !== 0);
  const { dims, bases, offsets } = shape;
  const reducers = reducersFor(x.type);
  if (isBigInt(x.type)) {
    const values = bigIntsOf(x);
    const out = storageFor(x.type, dims, call) as BigInts;
    for (let i = 0; i < out.length; i++) out[i] = reducers.bigint(values, bases[i]!, offsets);
    return new Tensor(x.type, out, dims);
  }
  const values = numbersOf(x);
  const reducer = isFloat(x.type) ? reducers.number : (reducers.integer ?? reducers.number);
  const out = storageFor('float64', dims, call) as Float64Array;
  for (let i = 0; i < out.length; i++) out[i] = reducer(values, bases[i]!, offsets);
  return tensorFromDoubles(x.type, out, dims, call);
}

function axesOf(inputs: Inputs, call: NamedCall): number[] {
  const x = required(inputs, 0, call);
  const given = optional(inputs, 1);
  const axes = given === null ? [] : integersOf(given);
  if (axes.length > 0) return resolveAxes(axes, x.dims.length, call);
  return call.attributes.int('noop_with_empty_axes', 0) !== 0 ? [] : x.dims.map((_, axis) => axis);
}
