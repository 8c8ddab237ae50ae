import fc from 'fast-check';
import { type UnaryFunctionName, unaryFunctions } from '../../src/unary-functions.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp, roundHalfEven } from '../plain.js';
import { erf, exp, expm1, log, normalTail, sigmoid, softplus, tanh } from '../plain-math.js';
import { data, float32s, size } from '../random-data.js';

const f = Math.fround;

type Function = (x: number, a: number, b: number) => number;

const hardSigmoid: Function = (x, a, b) => clamp(f(f(x * a) + b), 0, 1);

function mish(x: number): number {
  const e = exp(Math.min(x, 20));
  const n = f(e * f(e + 2));
  return f(x * f(n / f(n + 2)));
}

function gelu(x: number): number {
  const tail = normalTail(x);
  return f(x * (x < 0 ? tail : f(1 - tail)));
}

function geluTanh(x: number): number {
  const cube = f(f(f(x * x) * f(0.044715)) + 1);
  return f(x * sigmoid(f(f(x * f(1.5957692)) * cube)));
}

const functions: Readonly<Record<UnaryFunctionName, Function>> = {
  exp,
  log,
  sigmoid,
  tanh,
  erf,
  softplus,
  gelu,
  geluTanh,
  swish: (x, a) => f(x * sigmoid(f(x * a))),
  mish,
  elu: (x, a, b) => f((x < 0 ? f(expm1(x) * a) : x) * b),
  leakyRelu: (x, a) => (x < 0 ? f(x * a) : x),
  hardSigmoid,
  hardSwish: (x, a, b) => f(x * hardSigmoid(x, a, b)),
  sqrt: (x) => f(Math.sqrt(x)),
  reciprocal: (x) => f(1 / x),
  square: (x) => f(x * x),
  abs: Math.abs,
  neg: (x) => -x,
  floor: Math.floor,
  ceil: Math.ceil,
  celu: (x, a, b) => (x < 0 ? f(expm1(f(x * a)) * b) : x),
  softsign: (x) => f(x / f(1 + Math.abs(x))),
  thresholdedRelu: (x, a) => (x > a || Number.isNaN(x) ? x : 0),
  sign: Math.sign,
  round: (x) => (Number.isFinite(x) ? withZeroSign(roundHalfEven(x), x) : x),
};

function withZeroSign(rounded: number, x: number): number {
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

// The keys of a record with literal keys.
const names = Object.keys(unaryFunctions) as UnaryFunctionName[];

const unaryCase = fc.record({
  name: fc.constantFrom(...names),
  n: fc.oneof(fc.constant(0), size(70)),
  x: data,
  /** Results near 1, near the ends of float32, and between. */
  spread: fc.constantFrom(1, 1e-30, 8, 60, 1e30),
  a: fc.constantFrom(1, 0.2, 1.702, 0).map(f),
  b: fc.constantFrom(1, 0.5, 1.0507).map(f),
  inPlace: fc.boolean(),
});
type UnaryCase = typeof unaryCase extends fc.Arbitrary<infer T> ? T : never;

function values({ n, x, spread }: UnaryCase): Float32Array {
  return float32s(n, x).map((value) => value * spread);
}

export const unaryF32: KernelTest<UnaryCase> = {
  cases: unaryCase,
  run(arena, input) {
    const { name, n, a, b, inPlace } = input;
    const y = arena.output(n * 4);
    const from = inPlace ? y : arena.input(values(input));
    if (inPlace) arena.kernels.heap.float32(y, n).set(values(input));
    arena.kernels.unaryF32(unaryFunctions[name], n, from, y, a, b);
    return arena.float32(y, n);
  },
  expected: (input) => values(input).map((value) => functions[input.name](value, input.a, input.b)),
};
