import { isBigInt, isFloat, Tensor } from '@espalier/core';
import { type BigInts, bigIntsOf, numbersFor, numbersOf, storageFor, tensorFrom } from './elements.js';
import { required, resolveAxis, scalarInteger } from './inputs.js';
import type { BinaryFunction } from './map.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { type AxisSplit, splitAt } from './strides.js';
import { numericTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

const sum: BinaryFunction = { number: (a, b) => a + b, bigint: (a, b) => a + b };
const product: BinaryFunction = { number: (a, b) => a * b, bigint: (a, b) => BigInt.asIntN(64, a * b) };

/** Running sums and products along an axis. Floats are kept in double, rounded as they are stored. */
export const cumulatives: OperatorFamily = {
  CumSum: { types: numericTypes, required: 2, run: (inputs, call) => [accumulate(inputs, 0, sum, call)] },
  CumProd: {
    types: numericTypes,
    required: 2,
    run: (inputs, call) => [accumulate(inputs, 1, product, call)],
  },
};

function accumulate(inputs: Inputs, neutral: number, f: BinaryFunction, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const axis = resolveAxis(scalarInteger(required(inputs, 1, call), 'axis', call), x.dims.length, call);
  const split = splitAt(x.dims, axis);
  const options = {
    exclusive: call.attributes.int('exclusive', 0) !== 0,
    reverse: call.attributes.int('reverse', 0) !== 0,
  };
  if (isBigInt(x.type)) {
    const out = storageFor(x.type, x.dims, call) as BigInts;
    scan<bigint>(bigIntsOf(x), out, split, BigInt(neutral), f.bigint!, options);
    return new Tensor(x.type, out, x.dims);
  }
  const out = numbersFor(x.type, x.dims, call);
  const number = neutral === 1 && !isFloat(x.type) ? Math.imul : f.number;
  scan<number>(numbersOf(x), out, split, neutral, number, options);
  return tensorFrom(x.type, out, x.dims);
}

interface ScanOptions {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function scan<E>(
  from: { readonly [index: number]: E },
  out: { [index: number]: E },
  { outer, length, inner }: AxisSplit,
  neutral: E,
  f: (a: E, b: E) => E,
  { exclusive, reverse }: ScanOptions,
): void {
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < inner; n++) {
      let running = neutral;
      for (let i = 0; i < length; i++) {
        const at = (o * length + (reverse ? length - 1 - i : i)) * inner + n;
        const next = f(running, from[at]!);
        out[at] = exclusive ? running : next;
        running = next;
      }
    }
  }
}
