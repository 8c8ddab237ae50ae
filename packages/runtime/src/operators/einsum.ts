import { isBigInt, isFloat, Tensor } from '@espalier/core';
import {
  type BigInts,
  bigIntsOf,
  checkedCount,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
} from './elements.js';
import { modelError, shapeError } from './failures.js';
import { shown } from './inputs.js';
import type { NamedCall, OperatorFamily } from './operator.js';
import { offsetsOf, stridesOf } from './strides.js';
import { numericTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Einstein summation with repeated labels, ellipses and implicit output. */
export const einsums: OperatorFamily = {
  Einsum: {
    types: numericTypes,
    run: (inputs, call) => [
      einsum(
        inputs.filter((t) => t !== null),
        call,
      ),
    ],
  },
};

/** One label for each axis of a term; axes under an ellipsis are labelled "...0", "...1", from the last. */
type Labels = readonly string[];

interface Equation {
  readonly terms: readonly Labels[];
  readonly output: Labels;
}

function einsum(operands: readonly Tensor[], call: NamedCall): Tensor {
  const { terms, output } = parse(call.attributes.string('equation', ''), operands, call);
  const sizes = sizesOf(terms, operands, call);
  const summed = [...new Set(terms.flat())].filter((label) => !output.includes(label));
  const dimsOf = (labels: Labels) => labels.map((label) => sizes.get(label) ?? 1);
  const dims = dimsOf(output);
  const type = operands[0]?.type ?? 'float32';
  for (const walked of [dims, dimsOf(summed)]) checkedCount(walked, call);
  // For each operand, where each output element starts and how far each summand is from there.
  const walks = terms.map((labels, i) => {
    const strides = labelStrides(labels, operands[i]?.dims ?? []);
    const pick = (chosen: Labels) => chosen.map((label) => strides.get(label) ?? 0);
    return { starts: offsetsOf(dims, pick(output)), steps: offsetsOf(dimsOf(summed), pick(summed)) };
  });
  if (isBigInt(type)) {
    const out = storageFor(type, dims, call) as BigInts;
    contract<bigint>(
      operands.map(bigIntsOf),
      walks,
      out,
      0n,
      1n,
      (a, b) => BigInt.asIntN(64, a * b),
      (a, b) => a + b,
    );
    return new Tensor(type, out, dims);
  }
  const out = numbersFor(type, dims, call);
  const multiply = isFloat(type) ? (a: number, b: number) => a * b : Math.imul;
  contract<number>(operands.map(numbersOf), walks, out, 0, 1, multiply, (a, b) => a + b);
  return tensorFrom(type, out, dims);
}

interface Walk {
  readonly starts: Int32Array;
  readonly steps: Int32Array;
}

function contract<E>(
  operands: readonly { readonly [index: number]: E }[],
  walks: readonly Walk[],
  out: { readonly length: number; [index: number]: E },
  zero: E,
  one: E,
  multiply: (a: E, b: E) => E,
  add: (a: E, b: E) => E,
): void {
  const count = walks[0]?.steps.length ?? 0;
  for (let at = 0; at < out.length; at++) {
    let sum = zero;
    for (let s = 0; s < count; s++) {
      let product = one;
      for (let i = 0; i < operands.length; i++) {
        const { starts, steps } = walks[i]!;
        product = multiply(product, operands[i]![starts[at]! + steps[s]!]!);
      }
      sum = add(sum, product);
    }
    out[at] = sum;
  }
}

/** A label that stands for two axes walks their diagonal; an axis of 1 repeats. */
function labelStrides(labels: Labels, dims: readonly number[]): Map<string, number> {
  const own = stridesOf(dims);
  const strides = new Map<string, number>();
  for (const [axis, label] of labels.entries()) {
    const stride = dims[axis] === 1 ? 0 : (own[axis] ?? 0);
    strides.set(label, (strides.get(label) ?? 0) + stride);
  }
  return strides;
}

function parse(equation: string, operands: readonly Tensor[], call: NamedCall): Equation {
  const [left, right] = equation.replaceAll(/\s/g, '').split('->');
  const parts = (left ?? '').split(',');
  if (parts.length !== operands.length) {
    throw modelError(call, `equation "${equation}" has ${parts.length} terms for ${operands.length} inputs.`);
  }
  const terms = parts.map((part, i) => labelsOf(part, operands[i]?.dims.length ?? 0, call));
  const ellipsis = [...new Set(terms.flat())].filter((label) => label.startsWith('...'));
  // From the last axis backwards: the longest ellipsis gives the output's.
  ellipsis.sort((a, b) => Number(b.slice(3)) - Number(a.slice(3)));
  if (right === undefined) {
    const letters = terms.flat().filter((label) => !label.startsWith('...'));
    const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
    return { terms, output: [...ellipsis, ...once.sort()] };
  }
  const output = expand(right, ellipsis);
  const known = new Set(terms.flat());
  if (new Set(output).size !== output.length || output.some((label) => !known.has(label))) {
    throw modelError(call, `the output of equation "${equation}" repeats or invents a label.`);
  }
  return { terms, output };
}

function labelsOf(part: string, rank: number, call: NamedCall): Labels {
  const letters = part.replace('...', '').length;
  const hidden = part.includes('...') ? rank - letters : 0;
  if (hidden < 0 || letters + hidden !== rank || !/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(part)) {
    throw shapeError(call, `term "${part}" does not fit an input of ${rank} axes.`);
  }
  return expand(
    part,
    Array.from({ length: hidden }, (_, i) => `...${hidden - 1 - i}`),
  );
}

function expand(part: string, ellipsis: Labels): Labels {
  const [before = '', after] = part.split('...');
  return after === undefined ? [...before] : [...before, ...ellipsis, ...after];
}

function sizesOf(
  terms: readonly Labels[],
  operands: readonly Tensor[],
  call: NamedCall,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [i, labels] of terms.entries()) {
    const dims = operands[i]?.dims ?? [];
    for (const [axis, label] of labels.entries()) {
      const dim = dims[axis] ?? 1;
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && dim !== 1 && known !== dim) {
        throw shapeError(call, `label "${label}" is ${known} in one place and ${dim} in ${shown(dims)}.`);
      }
      sizes.set(label, dim === 1 ? known : dim);
    }
  }
  return sizes;
}
