import { type DataType, roundHalfEven } from '@espalier/core';
import { erf } from './erf.js';
import { required } from './inputs.js';
import { mapElements, type UnaryFunction } from './map.js';
import type { OperatorDefinition, OperatorFamily } from './operator.js';
import { floatTypes, integerTypes, numericTypes, signedTypes } from './type-sets.js';

function unary(f: UnaryFunction, types: readonly DataType[] = floatTypes): OperatorDefinition {
  return { types, run: (inputs, call) => [mapElements(required(inputs, 0, call), f, call)] };
}

/** Functions of one element, without attributes. Computed in double, rounded once to the type. */
export const unaryMath: OperatorFamily = {
  Abs: unary({ number: Math.abs, bigint: (x) => (x < 0n ? -x : x) }, numericTypes),
  Acos: unary({ number: Math.acos }),
  Acosh: unary({ number: Math.acosh }),
  Asin: unary({ number: Math.asin }),
  Asinh: unary({ number: Math.asinh }),
  Atan: unary({ number: Math.atan }),
  Atanh: unary({ number: Math.atanh }),
  BitwiseNot: unary({ number: (x) => ~x, bigint: (x) => ~x }, integerTypes),
  Ceil: unary({ number: Math.ceil }),
  Cos: unary({ number: Math.cos }),
  Cosh: unary({ number: Math.cosh }),
  Erf: unary({ number: erf, bigint: (x) => BigInt(Math.trunc(erf(Number(x)))) }, numericTypes),
  Exp: unary({ number: Math.exp }),
  Floor: unary({ number: Math.floor }),
  Log: unary({ number: Math.log }),
  Neg: unary({ number: (x) => -x, bigint: (x) => -x }, signedTypes),
  Reciprocal: unary({ number: (x) => 1 / x }),
  Round: unary({ number: roundOrKeep }),
  Sign: unary({ number: Math.sign, bigint: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) }, numericTypes),
  Sin: unary({ number: Math.sin }),
  Sinh: unary({ number: Math.sinh }),
  Sqrt: unary({ number: Math.sqrt }),
  Tan: unary({ number: Math.tan }),
  Tanh: unary({ number: Math.tanh }),
};

/** Half to even; what has no fraction (infinities, NaN) stays, and so does the sign of what becomes 0. */
function roundOrKeep(x: number): number {
  if (!Number.isFinite(x)) return x;
  const rounded = roundHalfEven(x);
  return rounded === 0 && x < 0 ? -0 : rounded;
}
