import { isBigInt, Tensor, zeros } from '@espalier/core';
import {
  type BigInts,
  bigIntsOf,
  moved,
  type Numbers,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
} from './elements.js';
import { dataError, modelError, shapeError, unsupported } from './failures.js';
import { integersOf, required, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { splitAt } from './strides.js';
import { typeOfNumber } from './type-numbers.js';
import { allTypes, numericTypes } from './type-sets.js';

/** Operators that make tensors out of values or shapes. */
export const constants: OperatorFamily = {
  Constant: { types: allTypes, required: 0, run: (_, call) => [constant(call)] },
  ConstantOfShape: {
    types: ['int64'],
    run: (inputs, call) => [constantOfShape(integersOf(required(inputs, 0, call)), call)],
  },
  EyeLike: { types: allTypes, run: (inputs, call) => [eyeLike(required(inputs, 0, call), call)] },
  OneHot: { types: numericTypes, required: 3, run: (inputs, call) => [oneHot(inputs, call)] },
  Range: {
    types: ['float32', 'float64', 'float16', 'int16', 'int32', 'int64'],
    required: 3,
    run: (inputs, call) => [range(inputs, call)],
  },
};

/** The value of whichever attribute the node has. */
function constant(call: NamedCall): Tensor {
  const { attributes } = call;
  const value = attributes.tensor('value');
  if (value !== undefined) return value;
  const float = attributes.float('value_float');
  if (float !== undefined) return new Tensor('float32', Float32Array.of(float), []);
  const floats = attributes.floats('value_floats');
  if (floats !== undefined) return new Tensor('float32', Float32Array.from(floats));
  const int = attributes.int('value_int');
  if (int !== undefined) return new Tensor('int64', BigInt64Array.of(BigInt(int)), []);
  const ints = attributes.ints('value_ints');
  if (ints !== undefined) return new Tensor('int64', BigInt64Array.from(ints, BigInt));
  throw unsupported(
    call,
    'it has no value of a numeric type.',
    'Strings and sparse tensors are not supported.',
  );
}

function constantOfShape(dims: readonly number[], call: NamedCall): Tensor {
  if (dims.some((dim) => dim < 0)) throw shapeError(call, `shape ${shown(dims)} has a negative dim.`);
  const value = call.attributes.tensor('value') ?? zeros('float32', [1]);
  if (value.size !== 1)
    throw modelError(call, `attribute "value" has ${value.size} elements, one is expected.`);
  const data = storageFor(value.type, dims, call);
  // One element of the same type of array.
  moved(data).fill(moved(value.data)[0]!);
  return new Tensor(value.type, data, dims);
}

function eyeLike(x: Tensor, call: NamedCall): Tensor {
  const [rows, columns] = x.dims;
  if (rows === undefined || columns === undefined || x.dims.length !== 2) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, a matrix is expected.`);
  }
  const number = call.attributes.int('dtype');
  const type = number === undefined ? x.type : typeOfNumber(number, 'dtype', call);
  const offset = call.attributes.int('k', 0);
  const numbers = isBigInt(type) ? null : numbersFor(type, x.dims, call);
  const data = numbers ?? (storageFor(type, x.dims, call) as BigInts);
  for (let row = Math.max(0, -offset); row < rows && row + offset < columns; row++) {
    if (numbers === null) data[row * columns + row + offset] = 1n;
    else numbers[row * columns + row + offset] = 1;
  }
  return numbers === null ? new Tensor(type, data, x.dims) : tensorFrom(type, numbers, x.dims);
}

/** `values` is [off, on]; an index outside of [-depth, depth) makes a row of "off" only. */
function oneHot(inputs: Inputs, call: NamedCall): Tensor {
  const indices = required(inputs, 0, call);
  const depth = Math.trunc(numbersOf(required(inputs, 1, call))[0] ?? 0);
  const values = required(inputs, 2, call);
  if (values.size !== 2) throw shapeError(call, `values has ${values.size} elements, [off, on] is expected.`);
  if (!(depth >= 0)) throw shapeError(call, `depth is ${depth}.`);
  const axis = resolveAxis(call.attributes.int('axis', -1), indices.dims.length + 1, call);
  const dims = [...indices.dims.slice(0, axis), depth, ...indices.dims.slice(axis)];
  const data = storageFor(values.type, dims, call);
  const { inner } = splitAt(dims, axis);
  const [off, on] = moved(values.data);
  const out = moved(data);
  // Both are there: the count was checked above.
  out.fill(off!);
  const from = numbersOf(indices);
  for (let i = 0; i < from.length; i++) {
    const index = Math.trunc(from[i] ?? 0);
    const place = index < 0 ? index + depth : index;
    if (place >= 0 && place < depth) out[(Math.floor(i / inner) * depth + place) * inner + (i % inner)] = on!;
  }
  return new Tensor(values.type, data, dims);
}

/** start, start + delta, ... before limit. Each element is computed from its index: errors do not add up. */
function range(inputs: Inputs, call: NamedCall): Tensor {
  const [start, limit, delta] = [
    required(inputs, 0, call),
    required(inputs, 1, call),
    required(inputs, 2, call),
  ];
  for (const scalar of [start, limit, delta]) {
    if (scalar.size !== 1)
      throw shapeError(call, `an input has ${scalar.size} elements, scalars are expected.`);
    if (scalar.type !== start.type)
      throw unsupported(call, `types ${start.type} and ${scalar.type} do not mix.`);
  }
  const [from, to, by] = [start, limit, delta].map((scalar) => numbersOf(scalar)[0] ?? 0) as [
    number,
    number,
    number,
  ];
  if (by === 0 || Number.isNaN(by)) throw dataError(call, `delta is ${by}.`);
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (isBigInt(start.type)) {
    const out = storageFor(start.type, [count], call) as BigInts;
    const [first = 0n, step = 0n] = [bigIntsOf(start)[0], bigIntsOf(delta)[0]];
    for (let i = 0; i < count; i++) out[i] = first + BigInt(i) * step;
    return new Tensor(start.type, out);
  }
  const out: Numbers = numbersFor(start.type, [count], call);
  for (let i = 0; i < count; i++) out[i] = from + i * by;
  return tensorFrom(start.type, out, [count]);
}
