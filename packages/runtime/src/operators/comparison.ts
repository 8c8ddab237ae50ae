import type { DataType } from '@espalier/core';
import { samePair } from './binary-math.js';
import { required } from './inputs.js';
import { comparePairs, mapElements, mapPairs, testElements } from './map.js';
import type { OperatorDefinition, OperatorFamily } from './operator.js';
import { allTypes, boolTypes, floatTypes, numericTypes } from './type-sets.js';

type Element = number | bigint;

function comparison(
  test: (a: Element, b: Element) => boolean,
  types: readonly DataType[] = numericTypes,
): OperatorDefinition {
  return {
    types,
    required: 2,
    run(inputs, call) {
      const [a, b] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      return [comparePairs(a, b, test, call)];
    },
  };
}

/** Bools are stored as 0 and 1; bytes other than that count as true. */
function logic(f: (a: number, b: number) => number): OperatorDefinition {
  return {
    types: boolTypes,
    required: 2,
    run(inputs, call) {
      const [a, b] = samePair(required(inputs, 0, call), required(inputs, 1, call), call);
      return [mapPairs(a, b, 'bool', { number: (x, y) => f(x ? 1 : 0, y ? 1 : 0) }, call)];
    },
  };
}

/** Operators whose result is bool: comparisons, logic and tests of one element. */
export const comparisons: OperatorFamily = {
  Equal: comparison((a, b) => a === b, allTypes),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  And: logic((a, b) => a & b),
  Or: logic((a, b) => a | b),
  Xor: logic((a, b) => a ^ b),
  Not: {
    types: boolTypes,
    run: (inputs, call) => [mapElements(required(inputs, 0, call), { number: (x) => (x ? 0 : 1) }, call)],
  },
  IsNaN: {
    types: floatTypes,
    run: (inputs, call) => [testElements(required(inputs, 0, call), Number.isNaN, call)],
  },
  IsInf: {
    types: floatTypes,
    run(inputs, call) {
      const positive = call.attributes.int('detect_positive', 1) !== 0;
      const negative = call.attributes.int('detect_negative', 1) !== 0;
      const test = (x: number) => (positive && x === Infinity) || (negative && x === -Infinity);
      return [testElements(required(inputs, 0, call), test, call)];
    },
  },
};
