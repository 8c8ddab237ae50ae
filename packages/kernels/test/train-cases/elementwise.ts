import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
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
