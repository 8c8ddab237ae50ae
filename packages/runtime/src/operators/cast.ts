import { type DataType, isBigInt, isFloat, Tensor } from '@espalier/core';
import {
  type BigInts,
  bigIntOf,
  bigIntsOf,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
} from './elements.js';
import { modelError } from './failures.js';
import { required } from './inputs.js';
import type { NamedCall, OperatorFamily } from './operator.js';
import { typeOfNumber } from './type-numbers.js';
import { allTypes } from './type-sets.js';

/** Operators that change the element type. */
export const casts: OperatorFamily = {
  Cast: {
    types: allTypes,
    run(inputs, call) {
      const to = call.attributes.int('to');
      if (to === undefined) throw modelError(call, 'attribute "to" is missing.');
      return [castTo(required(inputs, 0, call), typeOfNumber(to, 'to', call), call)];
    },
  },
  CastLike: {
    types: allTypes,
    required: 2,
    run: (inputs, call) => [castTo(required(inputs, 0, call), required(inputs, 1, call).type, call)],
  },
};

/**
 * The elements in another type. Floats are cut toward zero to integers, integers keep their low bits, all
 * but zero is true. A float outside of an integer type's range, which ONNX leaves undefined, wraps; NaN
 * and infinities become 0.
 */
export function castTo(x: Tensor, type: DataType, call: NamedCall): Tensor {
  if (x.type === type) return x;
  if (isBigInt(type)) return toBigInts(x, type, call);
  if (type === 'bool') return toBool(x, call);
  if (isBigInt(x.type) && !isFloat(type)) return lowBits(x, type, call);
  const out = numbersFor(type, x.dims, call);
  // A typed array converts as it is filled: it cuts to integers, wraps, and rounds to float32.
  out.set(numbersOf(x));
  return tensorFrom(type, out, x.dims);
}

function toBigInts(x: Tensor, type: DataType, call: NamedCall): Tensor {
  const out = storageFor(type, x.dims, call) as BigInts;
  if (isBigInt(x.type)) out.set(bigIntsOf(x));
  else {
    const from = numbersOf(x);
    for (let i = 0; i < out.length; i++) out[i] = bigIntOf(from[i] ?? 0);
  }
  return new Tensor(type, out, x.dims);
}

function toBool(x: Tensor, call: NamedCall): Tensor {
  const out = storageFor('bool', x.dims, call) as Uint8Array;
  const from = numbersOf(x);
  for (let i = 0; i < out.length; i++) out[i] = from[i] === 0 ? 0 : 1;
  return new Tensor('bool', out, x.dims);
}

function lowBits(x: Tensor, type: DataType, call: NamedCall): Tensor {
  const out = numbersFor(type, x.dims, call);
  const from = bigIntsOf(x);
  for (let i = 0; i < out.length; i++) out[i] = Number(BigInt.asIntN(32, from[i] ?? 0n));
  return tensorFrom(type, out, x.dims);
}
