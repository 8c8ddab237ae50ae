import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, size, uniform } from '../random-data.js';
import { nearest } from './nearest.js';

const f = Math.fround;

const wholeCase = fc.record({
  outer: size(5),
  slices: fc.constantFrom(1, 2, 5, 9),
  inner: fc.oneof(fc.constant(1), size(40)),
  x: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
  isOnGrid: fc.boolean(),
});
type WholeCase = typeof wholeCase extends fc.Arbitrary<infer T> ? T : never;

function scalesOf(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length: count }, () => (0.5 + 2 * next()) / 255);
}

/** Whole numbers, and the reals of a grid that they stand for; or any reals. */
function realsOf({ outer, slices, inner, x, seed, isOnGrid }: WholeCase) {
  const scales = scalesOf(slices, seed);
  const values = float32s(outer * slices * inner, x);
  if (!isOnGrid) return { scales, values, codes: null };
  const codes = values.map((value) => nearest(f(value * 100)) + 0);
  return {
    scales,
    codes,
    values: codes.map((code, i) => f(code * scales[Math.floor(i / inner) % slices]!)),
  };
}

export const wholeF32: KernelTest<WholeCase, TrainKernels> = {
  cases: wholeCase,
  run(arena, input) {
    const { scales, values } = realsOf(input);
    const [x, at, y] = [arena.input(values), arena.input(scales), arena.output(values.byteLength)];
    arena.kernels.wholeF32(input.outer, input.slices, input.inner, x, at, y);
    // 0 and -0 are one code.
    return arena.float32(y, values.length).map((code) => code + 0);
  },
  expected(input) {
    const { scales, values, codes } = realsOf(input);
    // Of reals on a grid their codes, whatever was rounded on the way.
    if (codes !== null) return codes;
    return values.map(
      (value, i) => nearest(f(value / scales[Math.floor(i / input.inner) % input.slices]!)) + 0,
    );
  },
};

const multipliersCase = fc.record({
  n: size(40),
  seed: fc.integer({ min: 1, max: 1e6 }),
});
type MultipliersCase = typeof multipliersCase extends fc.Arbitrary<infer T> ? T : never;

export const requantizeMultipliersF32: KernelTest<MultipliersCase, TrainKernels> = {
  cases: multipliersCase,
  run(arena, { n, seed }) {
    const [weights, others] = [arena.input(scalesOf(n, seed)), arena.input(scalesOf(2, seed + 1))];
    const y = arena.output(n * 4);
    arena.kernels.requantizeMultipliersF32(n, weights, others, others + 4, y);
    return arena.float32(y, n);
  },
  expected({ n, seed }) {
    const [input, output] = scalesOf(2, seed + 1) as unknown as [number, number]; // of two
    // requantizeMultiplier of src/pack-gemm.ts, what int8 kernels multiply with.
    return scalesOf(n, seed).map((weight) => f((input * weight) / output));
  },
};

const requantizeCase = fc.record({
  rows: size(6),
  columns: size(23),
  sums: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
  isEach: fc.boolean(),
  codes: fc.constantFrom([-128, 127] as const, [0, 255] as const),
  bounds: fc.constantFrom(
    [-Infinity, Infinity] as const,
    [0, Infinity] as const,
    [0, 0.37] as const,
    [-0.2, 6] as const,
  ),
  reals: fc.constantFrom('apart', 'in place', 'none'),
});
type RequantizeCase = typeof requantizeCase extends fc.Arbitrary<infer T> ? T : never;

function sumsOf({ rows, columns, sums, seed, isEach, codes: [low, high] }: RequantizeCase) {
  const next = uniform(seed);
  return {
    // Halves among the products too: multipliers of 1/2 and 1/4 are among those that follow.
    sums: float32s(rows * columns, sums).map((value) => nearest(f(value * 200))),
    multipliers: Float32Array.from({ length: isEach ? columns : 1 }, () =>
      next() < 0.3 ? 0.25 : 0.1 + next(),
    ),
    scale: f((0.5 + 2 * next()) / (high - low)),
    zero: low + Math.round(next() * (high - low)),
  };
}

export const fakeRequantizeF32: KernelTest<RequantizeCase, TrainKernels> = {
  cases: requantizeCase,
  run(arena, input) {
    const { sums, multipliers, scale, zero } = sumsOf(input);
    const { rows, columns, codes, bounds, isEach, reals } = input;
    const from = reals === 'in place' ? arena.output(sums.byteLength) : arena.input(sums);
    arena.kernels.heap.float32(from, sums.length).set(sums);
    const [at, grid] = [arena.input(multipliers), arena.input(Float32Array.of(scale, zero))];
    const places = {
      apart: () => arena.output(sums.byteLength),
      'in place': () => from,
      none: () => 0,
    };
    const [before, y] = [places[reals](), arena.output(sums.byteLength)];
    const [low, high, least, most] = [...codes, ...bounds];
    const step = isEach ? 4 : 0;
    const parameters = [at, step, grid, grid + 4, low, high, least, most] as const;
    arena.kernels.fakeRequantizeF32(rows, columns, from, ...parameters, before, y);
    const unrounded = before === 0 ? [] : arena.float32(before, sums.length);
    return Float32Array.of(...arena.float32(y, sums.length), ...unrounded);
  },
  expected(input) {
    const { sums, multipliers, scale, zero } = sumsOf(input);
    const { columns, codes, bounds, isEach, reals } = input;
    const within = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);
    const codeOf = (real: number): number =>
      within(nearest(f(real / scale)), codes[0] - zero, codes[1] - zero);
    const scaled = sums.map((sum, i) => f(sum * multipliers[isEach ? i % columns : 0]!));
    const [least, most] = [codeOf(bounds[0]), codeOf(bounds[1])];
    const y = scaled.map((u) => f((within(nearest(u), least, most) + 0) * scale));
    if (reals === 'none') return y;
    return Float32Array.of(...y, ...scaled.map((u) => within(f(u * scale), ...bounds)));
  },
};
