import { type DataType, isBigInt, isFloat, Tensor } from '@espalier/core';
import { broadcastDims, broadcastView } from './broadcast.js';
import {
  type BigInts,
  bigIntsOf,
  type Numbers,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFromDoubles,
} from './elements.js';
import { unsupported } from './failures.js';
import type { BinaryFunction } from './map.js';
import type { Inputs, NamedCall, OperatorDefinition, OperatorFamily } from './operator.js';
import { forEachRow } from './strides.js';
import { floatTypes, numericTypes } from './type-sets.js';

const sum: BinaryFunction = { number: (a, b) => a + b, bigint: (a, b) => a + b };

/** Any number of inputs of one type, broadcast to one another and combined one after the other. */
function variadic(f: BinaryFunction, types: readonly DataType[]): OperatorDefinition {
  return { types, run: (inputs, call) => [combine(present(inputs, call), f, 1, call)] };
}

/** Operators of one or more inputs. Float sums are kept in double until the end. */
export const variadics: OperatorFamily = {
  Max: variadic({ number: Math.max, bigint: (a, b) => (a > b ? a : b) }, numericTypes),
  Min: variadic({ number: Math.min, bigint: (a, b) => (a < b ? a : b) }, numericTypes),
  Sum: variadic(sum, floatTypes),
  Mean: {
    types: floatTypes,
    run(inputs, call) {
      const tensors = present(inputs, call);
      return [combine(tensors, sum, tensors.length, call)];
    },
  },
};

function present(inputs: Inputs, call: NamedCall): Tensor[] {
  const tensors = inputs.filter((tensor) => tensor !== null);
  const type = tensors[0]?.type;
  for (const tensor of tensors) {
    if (tensor.type !== type)
      throw unsupported(call, `inputs of types ${type} and ${tensor.type} do not mix.`);
  }
  return tensors;
}

function combine(tensors: Tensor[], f: BinaryFunction, divisor: number, call: NamedCall): Tensor {
  const dims = broadcastDims(
    tensors.map((tensor) => tensor.dims),
    call,
  );
  const type = tensors[0]?.type ?? 'float32';
  if (isBigInt(type)) {
    const out = storageFor(type, dims, call) as BigInts;
    for (const [i, tensor] of tensors.entries()) {
      accumulate<bigint>(tensor.dims, bigIntsOf(tensor), dims, out, i === 0 ? null : (f.bigint ?? null));
    }
    return new Tensor(type, out, dims);
  }
  const out: Numbers = numbersFor(isFloat(type) ? 'float64' : type, dims, call);
  for (const [i, tensor] of tensors.entries()) {
    accumulate<number>(tensor.dims, numbersOf(tensor), dims, out, i === 0 ? null : f.number);
  }
  if (!(out instanceof Float64Array)) return new Tensor(type, out, dims);
  if (divisor !== 1) for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) / divisor;
  return tensorFromDoubles(type, out, dims, call);
}

/** Combines the elements of `from`, stretched to `dims`, into `out`; without `f` it copies them. */
function accumulate<E>(
  own: readonly number[],
  from: { readonly [index: number]: E },
  dims: readonly number[],
  out: { [index: number]: E },
  f: ((a: E, b: E) => E) | null,
): void {
  forEachRow(dims, [broadcastView(own, dims)], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++) {
      const value = from[start + i * step]!;
      // In range by construction of the view, as the result is.
      out[at + i] = f === null ? value : f(out[at + i]!, value);
    }
  });
}
