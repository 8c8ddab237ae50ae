import { type DataType, isBigInt, isFloat, Tensor } from '@espalier/core';
import { sigmoid } from './activations.js';
import { stretchedView } from './broadcast.js';
import { type BigInts, bigIntOf, storageFor } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { required, shown } from './inputs.js';
import { type BinaryFunction, mapPairs } from './map.js';
import { wrappingPower } from './modular.js';
import type { NamedCall, OperatorDefinition, OperatorFamily } from './operator.js';
import { floatTypes, integerTypes, numericTypes } from './type-sets.js';

/** Integers wrap around as their arrays store them; only a product needs care to keep its low 32 bits. */
const product: BinaryFunction = { number: (a, b) => a * b, bigint: (a, b) => a * b };
const integerProduct: BinaryFunction = { number: Math.imul, bigint: (a, b) => a * b };
const quotient: BinaryFunction = { number: (a, b) => a / b };
/** Rounds toward zero. Division by zero, which ONNX leaves undefined, gives 0. */
const integerQuotient: BinaryFunction = {
  number: (a, b) => Math.trunc(a / b),
  bigint: (a, b) => (b === 0n ? 0n : a / b),
};

/** The remainder with the sign of the divisor: Python's and numpy's. */
const floorRemainder: BinaryFunction = {
  number: (a, b) => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  },
  bigint: (a, b) => {
    if (b === 0n) return 0n;
    const rest = a % b;
    return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
  },
};

/** The remainder with the sign of the dividend: C's fmod. */
const truncatedRemainder: BinaryFunction = {
  number: (a, b) => a % b,
  bigint: (a, b) => (b === 0n ? 0n : a % b),
};

function binary(
  choose: (type: DataType, call: NamedCall) => BinaryFunction,
  types: readonly DataType[] = numericTypes,
): OperatorDefinition {
  return {
    types,
    required: 2,
    run(inputs, call) {
      const [a, b] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      return [mapPairs(a, b, a.type, choose(a.type, call), call)];
    },
  };
}

/** Both inputs, when they have one type. */
export function samePair(a: Tensor, b: Tensor, call: NamedCall): [Tensor, Tensor] {
  if (a.type === b.type) return [a, b];
  throw unsupported(call, `inputs of types ${a.type} and ${b.type} do not mix.`, 'Cast one of them.');
}

/** Functions of two elements that broadcast both ways and keep the type. */
export const binaryMath: OperatorFamily = {
  Add: binary(() => ({ number: (a, b) => a + b, bigint: (a, b) => a + b })),
  Sub: binary(() => ({ number: (a, b) => a - b, bigint: (a, b) => a - b })),
  Mul: binary((type) => (isFloat(type) ? product : integerProduct)),
  Div: binary((type) => (isFloat(type) ? quotient : integerQuotient)),
  Mod: binary((_, call) => (call.attributes.int('fmod', 0) === 1 ? truncatedRemainder : floorRemainder)),
  BitwiseAnd: binary(() => ({ number: (a, b) => a & b, bigint: (a, b) => a & b }), integerTypes),
  BitwiseOr: binary(() => ({ number: (a, b) => a | b, bigint: (a, b) => a | b }), integerTypes),
  BitwiseXor: binary(() => ({ number: (a, b) => a ^ b, bigint: (a, b) => a ^ b }), integerTypes),
  BitShift: binary(
    (_, call) => bitShift(call.attributes.string('direction', ''), call),
    ['uint8', 'uint16', 'uint32', 'uint64'],
  ),
  PRelu: {
    types: numericTypes,
    required: 2,
    run(inputs, call) {
      const [x, slope] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      stretchedView(slope.dims, x.dims, call);
      const number = isFloat(x.type) ? product.number : integerProduct.number;
      const f: BinaryFunction = {
        number: (v, s) => (v < 0 ? number(v, s) : v),
        bigint: (v, s) => (v < 0n ? v * s : v),
      };
      return [mapPairs(x, slope, x.type, f, call)];
    },
  },
  Pow: { types: numericTypes, required: 2, run: (inputs, call) => [power(inputs, call)] },
  SwiGLU: {
    types: floatTypes,
    required: 2,
    run(inputs, call) {
      const [gate, value] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      if (shown(gate.dims) !== shown(value.dims)) {
        throw shapeError(
          call,
          `A is of shape ${shown(gate.dims)}, B of ${shown(value.dims)}: they must agree.`,
        );
      }
      const alpha = call.attributes.float('alpha', 1);
      const f: BinaryFunction = { number: (a, b) => a * sigmoid(alpha * a) * b };
      return [mapPairs(gate, value, gate.type, f, call)];
    },
  },
};

function bitShift(direction: string, call: NamedCall): BinaryFunction {
  if (direction === 'LEFT')
    return { number: (a, b) => (b < 32 ? a << b : 0), bigint: (a, b) => leftShift(a, b) };
  if (direction === 'RIGHT') return { number: (a, b) => (b < 32 ? a >>> b : 0), bigint: (a, b) => a >> b };
  throw unsupported(call, `direction "${direction}" is unknown.`, 'Use "LEFT" or "RIGHT".');
}

function leftShift(a: bigint, b: bigint): bigint {
  // The guard keeps a hostile shift count from making an enormous integer.
  return b < 64n ? a << b : 0n;
}

/** x^y in the type of x; y may be of any type. */
function power(inputs: readonly (Tensor | null)[], call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const y = required(inputs, 1, call);
  if (isFloat(x.type)) return mapPairs(x, y, x.type, { number: Math.pow }, call);
  if (isFloat(y.type)) return truncatedPower(x, y, call);
  const bigX = asBigInts(x, call);
  const bigY = asBigInts(y, call);
  const wide = mapPairs(bigX, bigY, 'int64', { number: Math.pow, bigint: integerPower }, call);
  if (isBigInt(x.type)) return x.type === 'int64' ? wide : asUnsigned(wide);
  const out = storageFor(x.type, wide.dims, call) as Int32Array;
  const data = wide.data as BigInt64Array;
  for (let i = 0; i < out.length; i++) out[i] = Number(BigInt.asIntN(32, data[i] ?? 0n));
  return new Tensor(x.type, out, wide.dims);
}

/** An integer to a fractional power, cut to an integer. */
function truncatedPower(x: Tensor, y: Tensor, call: NamedCall): Tensor {
  if (!isBigInt(x.type)) return mapPairs(x, y, x.type, { number: (a, b) => Math.trunc(a ** b) }, call);
  const powers = mapPairs(x, y, 'float64', { number: Math.pow }, call);
  const out = storageFor(x.type, powers.dims, call) as BigInts;
  const data = powers.data as Float64Array;
  for (let i = 0; i < out.length; i++) out[i] = bigIntOf(data[i] ?? 0);
  return new Tensor(x.type, out, powers.dims);
}

/** A negative exponent gives the quotient cut to an integer: 0, or a power of 1 or -1. */
function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent >= 0n) return wrappingPower(base, exponent);
  return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n;
}

function asBigInts(tensor: Tensor, call: NamedCall): Tensor {
  if (isBigInt(tensor.type)) return tensor;
  const out = storageFor('int64', tensor.dims, call) as BigInt64Array;
  const data = tensor.data as Int32Array;
  for (let i = 0; i < out.length; i++) out[i] = BigInt(data[i] ?? 0);
  return new Tensor('int64', out, tensor.dims);
}

function asUnsigned(tensor: Tensor): Tensor {
  const { buffer, byteOffset, length } = tensor.data;
  return new Tensor('uint64', new BigUint64Array(buffer, byteOffset, length), tensor.dims);
}
