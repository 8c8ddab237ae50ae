import fc from 'fast-check';
import { type ReductionName, reductions } from '../../src/reductions.js';
import type { KernelTest } from '../kernel-test.js';
import { exp, log } from '../plain-math.js';
import { data, float32s, size } from '../random-data.js';

const f = Math.fround;

const lines = fc.record({
  outer: fc.integer({ min: 0, max: 3 }),
  length: fc.oneof(fc.constant(0), size(50)),
  inner: fc.oneof(fc.constant(1), size(11)),
  x: data,
  spread: fc.constantFrom(1, 30, 1e30),
});
type Lines = typeof lines extends fc.Arbitrary<infer T> ? T : never;

function values({ outer, length, inner, x, spread }: Lines): Float32Array {
  return float32s(outer * length * inner, x).map((value) => value * spread);
}

/** The elements of line i of line group o. */
function lineAt({ length, inner }: Lines, all: Float32Array, o: number, i: number): number[] {
  return Array.from({ length }, (_, at) => all[(o * length + at) * inner + i]!);
}

/** Calls `each` for every line, and puts what it gives where the line was. */
function mapLines(input: Lines, each: (line: number[]) => readonly number[]): Float32Array {
  const { outer, length, inner } = input;
  const from = values(input);
  const to = from.slice();
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (const [at, value] of each(lineAt(input, from, o, i)).entries()) {
        to[(o * length + at) * inner + i] = value;
      }
    }
  }
  return to;
}

type Combine = (a: number, b: number) => number;

const add: Combine = (a, b) => f(a + b);

/** (p0 op p1) op (p2 op p3) */
function joinFour(combine: Combine, parts: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  return combine(combine(a, b), combine(c, d));
}

/** Elements combined in order into parts in turn. */
function partsOf(combine: Combine, start: number, terms: readonly number[], count: number): number[] {
  const parts = new Array<number>(count).fill(start);
  for (const [i, term] of terms.entries()) parts[i % count] = combine(parts[i % count]!, term);
  return parts;
}

function sumInFour(terms: readonly number[]): number {
  return joinFour(add, partsOf(add, 0, terms, 4));
}

function inOrder(combine: Combine, start: number, terms: readonly number[]): number {
  return terms.reduce((a, b) => combine(a, b), start);
}

/** In 16 parts, then those of the same index modulo 4, then the four. */
function inSixteen(combine: Combine, start: number, terms: readonly number[]): number {
  const parts = partsOf(combine, start, terms, 16);
  const fours = [0, 1, 2, 3].map((i) =>
    joinFour(
      combine,
      [0, 4, 8, 12].map((step) => parts[i + step]!),
    ),
  );
  return joinFour(combine, fours);
}

const softmaxCase = fc.record({ lines, logarithm: fc.boolean(), inPlace: fc.boolean() });
type SoftmaxCase = typeof softmaxCase extends fc.Arbitrary<infer T> ? T : never;

export const softmaxF32: KernelTest<SoftmaxCase> = {
  cases: softmaxCase,
  run(arena, { lines: input, logarithm, inPlace }) {
    const all = values(input);
    const y = arena.output(all.byteLength);
    const x = inPlace ? y : arena.input(all);
    if (inPlace) arena.kernels.heap.float32(y, all.length).set(all);
    arena.kernels.softmaxF32(input.outer, input.length, input.inner, x, y, Number(logarithm));
    return arena.float32(y, all.length);
  },
  expected({ lines: input, logarithm }) {
    return mapLines(input, (line) => {
      const most = line.reduce((a, b) => (a < b ? b : a), -Infinity);
      const shifted = line.map((value) => f(value - most));
      const powers = shifted.map(exp);
      const sum = input.inner === 1 ? sumInFour(powers) : inOrder(add, 0, powers);
      return logarithm ? shifted.map((value) => f(value - log(sum))) : powers.map((power) => f(power / sum));
    });
  },
};

interface Reduction {
  readonly combine: Combine;
  readonly start: number;
  readonly term: (x: number) => number;
  readonly finish: (result: number, length: number) => number;
}

const sum: Reduction = { combine: add, start: 0, term: (x) => x, finish: (result) => result };
const plainReductions: Readonly<Record<ReductionName, Reduction>> = {
  sum,
  mean: { ...sum, finish: (result, length) => f(result / length) },
  max: { ...sum, combine: Math.max, start: -Infinity },
  min: { ...sum, combine: Math.min, start: Infinity },
  sumSquare: { ...sum, term: (x) => f(x * x) },
  l1: { ...sum, term: Math.abs },
  l2: { ...sum, term: (x) => f(x * x), finish: (result) => f(Math.sqrt(result)) },
};

// The keys of a record with literal keys.
const kinds = Object.keys(reductions) as ReductionName[];
const reduceCase = fc.record({ lines, kind: fc.constantFrom(...kinds) });
type ReduceCase = typeof reduceCase extends fc.Arbitrary<infer T> ? T : never;

export const reduceF32: KernelTest<ReduceCase> = {
  cases: reduceCase,
  run(arena, { lines: input, kind }) {
    const { outer, length, inner } = input;
    const y = arena.output(outer * inner * 4);
    arena.kernels.reduceF32(reductions[kind], outer, length, inner, arena.input(values(input)), y);
    return arena.float32(y, outer * inner);
  },
  expected({ lines: input, kind }) {
    const { outer, length, inner } = input;
    const { combine, start, term, finish } = plainReductions[kind];
    const all = values(input);
    return Float32Array.from({ length: outer * inner }, (_, at) => {
      const terms = lineAt(input, all, Math.floor(at / inner), at % inner).map(term);
      const result = (inner === 1 ? inSixteen : inOrder)(combine, start, terms);
      return finish(result, length);
    });
  },
};

const normCase = fc.record({
  rows: fc.integer({ min: 0, max: 4 }),
  columns: size(50),
  x: data,
  scale: fc.option(data, { nil: null }),
  bias: fc.option(data, { nil: null }),
  epsilon: fc.constantFrom(1e-5, 0.1, 0).map(f),
  centered: fc.boolean(),
});
type NormCase = typeof normCase extends fc.Arbitrary<infer T> ? T : never;

export const layerNormF32: KernelTest<NormCase> = {
  cases: normCase,
  run(arena, { rows, columns, x, scale, bias, epsilon, centered }) {
    const y = arena.output(rows * columns * 4);
    const [scaleAt, biasAt] = [scale, bias].map((one) =>
      one === null ? 0 : arena.input(float32s(columns, one)),
    ) as [number, number];
    const from = arena.input(float32s(rows * columns, x));
    arena.kernels.layerNormF32(rows, columns, from, y, scaleAt, biasAt, epsilon, Number(centered));
    return arena.float32(y, rows * columns);
  },
  expected({ rows, columns, x, scale, bias, epsilon, centered }) {
    const all = float32s(rows * columns, x);
    const [scales, biases] = [scale, bias].map((one) => (one === null ? null : float32s(columns, one)));
    const y = all.slice();
    for (let row = 0; row < rows; row++) {
      const line = [...all.subarray(row * columns, (row + 1) * columns)];
      const mean = centered ? f(inSixteen(add, 0, line) / columns) : 0;
      const squares = line.map((value) => f(value - mean)).map((distance) => f(distance * distance));
      const variance = f(inSixteen(add, 0, squares) / columns);
      const inverse = f(1 / f(Math.sqrt(f(variance + epsilon))));
      for (const [i, value] of line.entries()) {
        let result = f(f(value - mean) * inverse);
        if (scales) result = f(result * scales[i]!);
        if (biases) result = f(result + biases[i]!);
        y[row * columns + i] = result;
      }
    }
    return y;
  },
};
