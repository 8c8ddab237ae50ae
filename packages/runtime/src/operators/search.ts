import { isBigInt, Tensor } from '@espalier/core';
import { bigIntsOf, moved, numbersOf, storageFor } from './elements.js';
import { shapeError } from './failures.js';
import { required, resolveAxis, scalarInteger } from './inputs.js';
import type { Inputs, NamedCall, OperatorDefinition, OperatorFamily, Outputs } from './operator.js';
import { type AxisSplit, splitAt } from './strides.js';
import { allTypes, numericTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

type Values = { readonly [index: number]: number | bigint; readonly length: number };

/** Operators that find elements. */
export const searches: OperatorFamily = {
  ArgMax: extreme((a, b) => a > b),
  ArgMin: extreme((a, b) => a < b),
  NonZero: { types: allTypes, run: (inputs, call) => [nonZero(required(inputs, 0, call), call)] },
  TopK: { types: numericTypes, required: 2, run: topK },
};

function valuesOf(x: Tensor): Values {
  return isBigInt(x.type) ? bigIntsOf(x) : numbersOf(x);
}

function extreme(beats: (a: number | bigint, b: number | bigint) => boolean): OperatorDefinition {
  return {
    types: numericTypes,
    run(inputs, call) {
      const x = required(inputs, 0, call);
      const axis = resolveAxis(call.attributes.int('axis', 0), x.dims.length, call);
      const { outer, length, inner } = splitAt(x.dims, axis);
      if (length === 0) throw shapeError(call, `axis ${axis} is empty.`);
      const last = call.attributes.int('select_last_index', 0) !== 0;
      const keep = call.attributes.int('keepdims', 1) !== 0;
      const dims = x.dims.flatMap((dim, i) => (i !== axis ? [dim] : keep ? [1] : []));
      const out = storageFor('int64', dims, call) as BigInt64Array;
      const values = valuesOf(x);
      for (let o = 0; o < outer; o++) {
        for (let n = 0; n < inner; n++) {
          const start = o * length * inner + n;
          let best = 0;
          for (let i = 1; i < length; i++) {
            const value = values[start + i * inner]!;
            const champion = values[start + best * inner]!;
            if (beats(value, champion) || (last && value === champion)) best = i;
          }
          out[o * inner + n] = BigInt(best);
        }
      }
      return [new Tensor('int64', out, dims)];
    },
  };
}

/** Positions of all elements that are not zero, one a column, in row-major order. */
function nonZero(x: Tensor, call: NamedCall): Tensor {
  const values = valuesOf(x);
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i]) found.push(i);
  const rank = x.dims.length;
  const dims = [rank, found.length];
  const out = storageFor('int64', dims, call) as BigInt64Array;
  for (let axis = 0; axis < rank; axis++) {
    const { inner, length } = splitAt(x.dims, axis);
    for (let i = 0; i < found.length; i++) {
      out[axis * found.length + i] = BigInt(Math.floor(found[i]! / inner) % length);
    }
  }
  return new Tensor('int64', out, dims);
}

/** Always sorted; among equals the lower index comes first. NaN counts as greatest. */
function topK(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const axis = resolveAxis(call.attributes.int('axis', -1), x.dims.length, call);
  const split = splitAt(x.dims, axis);
  const k = scalarInteger(required(inputs, 1, call), 'k', call);
  if (k < 0 || k > split.length)
    throw shapeError(call, `k is ${k}, axis ${axis} has ${split.length} elements.`);
  const dims = x.dims.map((dim, i) => (i === axis ? k : dim));
  const data = storageFor(x.type, dims, call);
  const indices = storageFor('int64', dims, call) as BigInt64Array;
  const sign = call.attributes.int('largest', 1) !== 0 ? -1 : 1;
  const values = valuesOf(x);
  eachLine(split, (start, line) => {
    const order = Array.from({ length: split.length }, (_, i) => i);
    order.sort(
      (i, j) => sign * compare(values[start + i * split.inner]!, values[start + j * split.inner]!) || i - j,
    );
    for (let r = 0; r < k; r++) {
      const at = (Math.floor(line / split.inner) * k + r) * split.inner + (line % split.inner);
      moved(data)[at] = moved(x.data)[start + order[r]! * split.inner]!;
      indices[at] = BigInt(order[r]!);
    }
  });
  return [new Tensor(x.type, data, dims), new Tensor('int64', indices, dims)];
}

function compare(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function eachLine({ outer, length, inner }: AxisSplit, visit: (start: number, line: number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < inner; n++) visit(o * length * inner + n, o * inner + n);
  }
}
