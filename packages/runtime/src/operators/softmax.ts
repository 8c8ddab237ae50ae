import type { Tensor } from '@espalier/core';
import { type Numbers, numbersFor, numbersOf, tensorFrom } from './elements.js';
import { required, resolveAxis } from './inputs.js';
import type { OperatorDefinition, OperatorFamily } from './operator.js';
import { splitAt } from './strides.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Computes one line of `length` elements, `step` apart, from `x` into `out` at the same places. */
type LineFunction = (x: Numbers, out: Numbers, start: number, length: number, step: number) => void;

function alongAxis(line: LineFunction): OperatorDefinition {
  return {
    types: floatTypes,
    run(inputs, call): Tensor[] {
      const x = required(inputs, 0, call);
      const axis = resolveAxis(call.attributes.int('axis', -1), Math.max(1, x.dims.length), call);
      const { outer, length, inner } = splitAt(x.dims, axis);
      const values = numbersOf(x);
      const out = numbersFor(x.type, x.dims, call);
      if (out.length > 0) {
        for (let o = 0; o < outer; o++) {
          for (let n = 0; n < inner; n++) line(values, out, o * length * inner + n, length, inner);
        }
      }
      return [tensorFrom(x.type, out, x.dims)];
    },
  };
}

/** Softmax and its kin, along one axis (opset 13 meaning). Sums are kept in double. */
export const softmaxes: OperatorFamily = {
  Softmax: alongAxis((x, out, start, length, step) => {
    const { max, sum } = scale(x, start, length, step);
    for (let i = 0, at = start; i < length; i++, at += step) out[at] = Math.exp(x[at]! - max) / sum;
  }),
  LogSoftmax: alongAxis((x, out, start, length, step) => {
    const { max, sum } = scale(x, start, length, step);
    const logSum = Math.log(sum);
    for (let i = 0, at = start; i < length; i++, at += step) out[at] = x[at]! - max - logSum;
  }),
  /** 1 at the first greatest element, 0 elsewhere. */
  Hardmax: alongAxis((x, out, start, length, step) => {
    let best = start;
    for (let i = 1, at = start + step; i < length; i++, at += step) if (x[at]! > x[best]!) best = at;
    out[best] = 1;
  }),
};

/** The greatest element, and the sum of exp(x - max): shifting by it keeps exp from overflowing. */
function scale(x: Numbers, start: number, length: number, step: number): { max: number; sum: number } {
  let max = -Infinity;
  for (let i = 0, at = start; i < length; i++, at += step) max = Math.max(max, x[at]!);
  let sum = 0;
  for (let i = 0, at = start; i < length; i++, at += step) sum += Math.exp(x[at]! - max);
  return { max, sum };
}
