import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
import { type UnaryFunctionName, unaryFunctions } from '../../src/unary-functions.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, floatRange, size, uniform } from '../random-data.js';

const f = Math.fround;

type CaseOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

const clampCase = fc.record({ n: size(200), y: data, dy: data, range: floatRange });

export const clampGradientF32: KernelTest<CaseOf<typeof clampCase>, TrainKernels> = {
  cases: clampCase,
  run(arena, { n, y, dy, range }) {
    const dx = arena.output(n * 4);
    const [values, gradients] = [arena.input(float32s(n, y)), arena.input(float32s(n, dy))];
    arena.kernels.clampGradientF32(n, values, gradients, dx, range[0], range[1]);
    return arena.float32(dx, n);
  },
  expected({ n, y, dy, range }) {
    const gradients = float32s(n, dy);
    return float32s(n, y).map((value, i) => (value > range[0] && value < range[1] ? gradients[i]! : 0));
  },
};

/** A mask of ones and zeros, in words. */
export function masks(n: number, seed: number): Int32Array {
  const next = uniform(seed);
  return Int32Array.from({ length: n }, () => (next() < 0.5 ? -1 : 0));
}

const maskCase = fc.record({ n: size(200), x: data, seed: fc.integer({ min: 1, max: 1e6 }) });

export const maskF32: KernelTest<CaseOf<typeof maskCase>, TrainKernels> = {
  cases: maskCase,
  run(arena, { n, x, seed }) {
    const y = arena.output(n * 4);
    arena.kernels.maskF32(n, arena.input(float32s(n, x)), arena.input(masks(n, seed)), y);
    return arena.float32(y, n);
  },
  expected({ n, x, seed }) {
    const mask = masks(n, seed);
    return float32s(n, x).map((value, i) => (mask[i] === 0 ? 0 : value));
  },
};

const dropoutCase = fc.record({
  n: size(200),
  first: fc.nat(1e6),
  x: data,
  key: fc.integer(),
  layer: fc.nat(50),
  limit: fc.integer({ min: 0, max: 0xffffffff }),
  scale: fc.constantFrom(1, 2, 1.25),
});

/** lowbias32, written with BigInt: no product of 32 bit words is cut by accident. */
function hash(word: number): number {
  const mask = 0xffffffffn;
  let x = BigInt(word >>> 0);
  x ^= x >> 16n;
  x = (x * 0x7feb352dn) & mask;
  x ^= x >> 15n;
  x = (x * 0x846ca68bn) & mask;
  return Number(x ^ (x >> 16n));
}

export const dropoutF32: KernelTest<CaseOf<typeof dropoutCase>, TrainKernels> = {
  cases: dropoutCase,
  run(arena, { n, first, x, key, layer, limit, scale }) {
    const y = arena.output(n * 4);
    const [from, keyAt] = [arena.input(float32s(n, x)), arena.input(Int32Array.of(key))];
    arena.kernels.dropoutF32(n, first, from, y, keyAt, layer, limit, scale);
    return arena.float32(y, n);
  },
  expected({ n, first, x, key, layer, limit, scale }) {
    const mixed = hash(key ^ hash(layer));
    return float32s(n, x).map((value, i) => (hash(hash(first + i) + mixed) >= limit ? f(value * scale) : 0));
  },
};

const clusterCase = fc.record({
  n: size(300),
  clusters: fc.constantFrom(1, 2, 8, 300),
  values: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
});

function indices({ n, clusters, seed }: { n: number; clusters: number; seed: number }): Uint16Array {
  const next = uniform(seed);
  return Uint16Array.from({ length: n }, () => Math.floor(next() * clusters));
}

export const fromClustersF32: KernelTest<CaseOf<typeof clusterCase>, TrainKernels> = {
  cases: clusterCase,
  run(arena, input) {
    const y = arena.output(input.n * 4);
    const centroids = arena.input(float32s(input.clusters, input.values));
    arena.kernels.fromClustersF32(input.n, arena.input(indices(input)), centroids, y);
    return arena.float32(y, input.n);
  },
  expected(input) {
    const centroids = float32s(input.clusters, input.values);
    return Float32Array.from(indices(input), (index) => centroids[index]!);
  },
};

export const clusterSumF32: KernelTest<CaseOf<typeof clusterCase>, TrainKernels> = {
  cases: clusterCase,
  run(arena, input) {
    const sums = arena.output(input.clusters * 4);
    const dw = arena.input(float32s(input.n, input.values));
    arena.kernels.clusterSumF32(input.n, arena.input(indices(input)), dw, input.clusters, sums);
    return arena.float32(sums, input.clusters);
  },
  expected(input) {
    const sums = new Float32Array(input.clusters);
    const dw = float32s(input.n, input.values);
    for (const [i, index] of indices(input).entries()) sums[index] = f(sums[index]! + dw[i]!);
    return sums;
  },
};

const copiesCase = fc.record({
  counts: fc.array(fc.nat(5), { maxLength: 60 }),
  length: fc.integer({ min: 1, max: 40 }),
  x: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** Where element i is summed from: `counts[i]` places. */
function placesOf({ counts, length, seed }: CaseOf<typeof copiesCase>): readonly (readonly number[])[] {
  const next = uniform(seed);
  return counts.map((count) => Array.from({ length: count }, () => Math.floor(next() * length)));
}

export const gatherSumF32: KernelTest<CaseOf<typeof copiesCase>, TrainKernels> = {
  cases: copiesCase,
  run(arena, input) {
    const n = input.counts.length;
    const starts = [0];
    for (const count of input.counts) starts.push((starts.at(-1) ?? 0) + count);
    const y = arena.output(n * 4);
    const places = arena.input(Int32Array.from(placesOf(input).flat()));
    const x = arena.input(float32s(input.length, input.x));
    arena.kernels.gatherSumF32(n, arena.input(Int32Array.from(starts)), places, x, y);
    return arena.float32(y, n);
  },
  expected(input) {
    const x = float32s(input.length, input.x);
    return Float32Array.from(placesOf(input), (places) => places.reduce((sum, at) => f(sum + x[at]!), 0));
  },
};

const fillCase = fc.record({ n: size(100), value: fc.constantFrom(0, -0, 1.5, Number.NaN) });

export const fillF32: KernelTest<CaseOf<typeof fillCase>, TrainKernels> = {
  cases: fillCase,
  run(arena, { n, value }) {
    const y = arena.output(n * 4);
    arena.kernels.fillF32(n, value, y);
    return arena.float32(y, n);
  },
  expected: ({ n, value }) => new Float32Array(n).fill(value),
};

const slopes = {
  sigmoid: (_: number, y: number, dy: number) => f(dy * f(y * f(1 - y))),
  tanh: (_: number, y: number, dy: number) => f(dy * f(1 - f(y * y))),
  leakyRelu: (x: number, _: number, dy: number, a: number) => (x < 0 ? f(dy * a) : dy),
  hardSigmoid: (_: number, y: number, dy: number, a: number) => (y > 0 && y < 1 ? f(dy * a) : 0),
  hardSwish(x: number, _: number, dy: number, a: number, b: number) {
    const gate = f(f(x * a) + b);
    if (!(gate > 0)) return 0;
    return gate < 1 ? f(dy * f(gate + f(x * a))) : dy;
  },
  exp: (_: number, y: number, dy: number) => f(dy * y),
  log: (x: number, _: number, dy: number) => f(dy / x),
  sqrt: (_: number, y: number, dy: number) => f(f(dy * 0.5) / y),
  neg: (_x: number, _y: number, dy: number) => -dy,
} satisfies Partial<
  Record<UnaryFunctionName, (x: number, y: number, dy: number, a: number, b: number) => number>
>;

const slopeCase = fc.record({
  // Object.keys of a literal: its keys.
  name: fc.constantFrom(...(Object.keys(slopes) as (keyof typeof slopes)[])),
  n: size(120),
  x: data,
  y: data,
  dy: data,
  a: fc.constantFrom(0.2, 1 / 6).map(f),
  b: fc.constantFrom(0.5, 0),
});

export const unaryGradientF32: KernelTest<CaseOf<typeof slopeCase>, TrainKernels> = {
  cases: slopeCase,
  run(arena, { name, n, x, y, dy, a, b }) {
    const dx = arena.output(n * 4);
    const [from, to, gradient] = [x, y, dy].map((one) => arena.input(float32s(n, one))) as [
      number,
      number,
      number,
    ];
    arena.kernels.unaryGradientF32(unaryFunctions[name], n, from, to, gradient, dx, a, b);
    return arena.float32(dx, n);
  },
  expected({ name, n, x, y, dy, a, b }) {
    const [from, to, gradient] = [float32s(n, x), float32s(n, y), float32s(n, dy)];
    return gradient.map((g, i) => slopes[name](from[i]!, to[i]!, g, a, b));
  },
};
