import { describe, expect, test } from 'vitest';
import type { Kernels } from '../src/instantiate.js';
import { type UnaryFunctionName, unaryFunctions } from '../src/unary-functions.js';
import { freshKernels } from './binaries.js';
import { erf, gelu, geluTanh, mish, sigmoid, softplus } from './reference-math.js';

interface Bound {
  readonly name: UnaryFunctionName;
  readonly reference: (x: number) => number;
  /** Units in the last place, those of 2^-126 below that. */
  readonly ulp: number;
  /** Arguments the bound holds for. */
  readonly from?: number;
  readonly to?: number;
}

/** What the doc comments in assembly/ say. Found there over every 101st float32. */
const bounds: readonly Bound[] = [
  { name: 'exp', reference: Math.exp, ulp: 1 },
  { name: 'log', reference: Math.log, ulp: 0.9 },
  { name: 'sigmoid', reference: sigmoid, ulp: 2.3 },
  { name: 'tanh', reference: Math.tanh, ulp: 2.6 },
  { name: 'erf', reference: erf, ulp: 2.5 },
  { name: 'softplus', reference: softplus, ulp: 2.6 },
  { name: 'elu', reference: (x) => (x < 0 ? Math.expm1(x) : x), ulp: 1.1 },
  { name: 'gelu', reference: gelu, ulp: 7, from: -10, to: Infinity },
  { name: 'gelu', reference: gelu, ulp: 9, from: -13.5, to: -10 },
  { name: 'geluTanh', reference: geluTanh, ulp: 10, from: -2, to: 1e12 },
  { name: 'swish', reference: (x) => x * sigmoid(x), ulp: 3.5, from: -85, to: Infinity },
  { name: 'mish', reference: mish, ulp: 5, from: -85, to: Infinity },
];

/** Every `stride`-th float32 by its bits: all exponents, both signs, subnormals, infinities and NaNs. */
function sample(stride: number): Float32Array {
  const bits = new Uint32Array(Math.ceil(2 ** 32 / stride) + 5);
  for (let i = 0; i < bits.length - 5; i++) bits[i] = i * stride;
  bits.set([0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000], bits.length - 5);
  return new Float32Array(bits.buffer);
}

function computed(kernels: Kernels, name: UnaryFunctionName, values: Float32Array): Float32Array {
  const { heap } = kernels;
  const x = heap.place(values);
  kernels.unaryF32(unaryFunctions[name], values.length, x, x, 1, 1);
  const result = heap.float32(x, values.length).slice();
  heap.free(x);
  return result;
}

const word = new Float32Array(1);
const wordBits = new Int32Array(word.buffer);

/** Distance in units in the last place of the reference. */
function distance(value: number, reference: number): number {
  word[0] = reference;
  if (Number.isNaN(reference) || !Number.isFinite(word[0])) return Object.is(value, word[0]) ? 0 : Infinity;
  const exponent = Math.max((wordBits[0]! >> 23) & 0xff, 1); // one word
  return Math.abs(value - reference) / 2 ** (exponent - 150);
}

const simd = freshKernels('simd');
const scalar = freshKernels('scalar');
const values = sample(6007);

describe.each(bounds)('$name', ({ name, reference, ulp, from = -Infinity, to = Infinity }) => {
  test(`is within ${ulp} ULP from ${from} to ${to}`, () => {
    const results = computed(simd, name, values);
    let worst = 0;
    let at = 0;
    values.forEach((x, i) => {
      if (x < from || x > to) return;
      const error = distance(results[i]!, reference(x)); // one result a value
      if (error > worst) [worst, at] = [error, x];
    });
    expect(worst, `at ${at}`).toBeLessThanOrEqual(ulp);
  });
});

test.each(Object.keys(unaryFunctions) as UnaryFunctionName[])(
  '%s in SIMD has the bits of its scalar twin over a sample of all float32',
  (name) => {
    const [one, two] = [computed(simd, name, values), computed(scalar, name, values)];
    const different = values.filter((_, i) => !Object.is(one[i], two[i]));
    expect(different).toEqual(new Float32Array(0));
  },
);

test.each([
  { name: 'exp', x: -Infinity, y: 0 },
  { name: 'exp', x: 88.8, y: Infinity },
  { name: 'log', x: 0, y: -Infinity },
  { name: 'log', x: -0, y: -Infinity },
  { name: 'log', x: -1, y: Number.NaN },
  { name: 'tanh', x: -0, y: -0 },
  { name: 'tanh', x: 1e-40, y: Math.fround(1e-40) },
  { name: 'tanh', x: -Infinity, y: -1 },
  { name: 'erf', x: -0, y: -0 },
  { name: 'erf', x: Infinity, y: 1 },
  { name: 'sigmoid', x: -Infinity, y: 0 },
  { name: 'softplus', x: Infinity, y: Infinity },
  { name: 'softplus', x: -Infinity, y: 0 },
  { name: 'elu', x: -Infinity, y: -1 },
  { name: 'mish', x: Infinity, y: Infinity },
  { name: 'gelu', x: -20, y: -0 },
  { name: 'round', x: 2.5, y: 2 },
  { name: 'round', x: -0.5, y: -0 },
] as const)('$name of $x is $y', ({ name, x, y }) => {
  expect(computed(simd, name, Float32Array.of(x))[0]).toBe(y);
});
