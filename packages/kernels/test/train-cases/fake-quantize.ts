import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
import type { Arena } from '../arena.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, size, uniform } from '../random-data.js';
import { nearest } from './nearest.js';

const f = Math.fround;

const quantizeCase = fc.record({
  outer: size(5),
  slices: fc.constantFrom(1, 2, 5, 9),
  inner: fc.oneof(fc.constant(1), size(40)),
  x: data,
  dy: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
  codes: fc.constantFrom([-128, 127] as const, [-7, 7] as const, [0, 255] as const, [-1, 1] as const),
  wantsSums: fc.boolean(),
});
type QuantizeCase = typeof quantizeCase extends fc.Arbitrary<infer T> ? T : never;

/** Scales that leave some reals in range and some outside, and zero points among the codes. */
function parametersOf({ slices, seed, codes: [low, high] }: QuantizeCase) {
  const next = uniform(seed);
  const reach = (): number => 0.5 + 2 * next();
  return {
    scales: Float32Array.from({ length: slices }, () => reach() / (high - low)),
    zeros: Float32Array.from({ length: slices }, () => low + Math.round(next() * (high - low))),
  };
}

function sizeOf({ outer, slices, inner }: QuantizeCase): number {
  return outer * slices * inner;
}

function placed(arena: Arena<TrainKernels>, input: QuantizeCase) {
  const { scales, zeros } = parametersOf(input);
  const { outer, slices, inner } = input;
  const x = arena.input(float32s(sizeOf(input), input.x));
  return {
    shape: [outer, slices, inner, x] as const,
    grid: [arena.input(scales), arena.input(zeros)] as const,
  };
}

/** An element, its unrounded code and its code, both without the zero point. */
function* codesOf(input: QuantizeCase) {
  const { slices, inner, codes } = input;
  const { scales, zeros } = parametersOf(input);
  for (const [i, x] of float32s(sizeOf(input), input.x).entries()) {
    const run = Math.floor(i / inner);
    const [scale, zero] = [scales[run % slices]!, zeros[run % slices]!];
    const [low, high] = [codes[0] - zero, codes[1] - zero];
    const real = f(x / scale);
    const rounded = nearest(real);
    // Not Math.max: NaN stays, and -0 is less than nothing.
    const code = (rounded < low ? low : rounded > high ? high : rounded) + 0;
    yield { i, run, scale, real, code, inside: rounded >= low && rounded <= high };
  }
}

export const fakeQuantizeF32: KernelTest<QuantizeCase, TrainKernels> = {
  cases: quantizeCase,
  run(arena, input) {
    const { shape, grid } = placed(arena, input);
    const [low, high] = input.codes;
    const y = arena.output(sizeOf(input) * 4);
    arena.kernels.fakeQuantizeF32(...shape, ...grid, low, high, y);
    return arena.float32(y, sizeOf(input));
  },
  expected(input) {
    return Float32Array.from(codesOf(input), ({ code, scale }) => f(code * scale));
  },
};

export const fakeQuantizeGradientF32: KernelTest<QuantizeCase, TrainKernels> = {
  cases: quantizeCase,
  run(arena, input) {
    const { shape, grid } = placed(arena, input);
    const [low, high] = input.codes;
    const runs = input.wantsSums ? input.outer * input.slices : 0;
    const [dx, sums] = [arena.output(sizeOf(input) * 4), arena.output(runs * 4)];
    const dy = arena.input(float32s(sizeOf(input), input.dy));
    const to = input.wantsSums ? sums : 0;
    const [outer, slices, inner, x] = shape;
    arena.kernels.fakeQuantizeGradientF32(outer, slices, inner, x, dy, ...grid, low, high, dx, to);
    return Float32Array.of(...arena.float32(dx, sizeOf(input)), ...arena.float32(sums, runs));
  },
  expected(input) {
    const dy = float32s(sizeOf(input), input.dy);
    const dx = new Float32Array(dy.length);
    const parts = new Float32Array(input.wantsSums ? input.outer * input.slices * 4 : 0);
    for (const { i, run, real, code, inside } of codesOf(input)) {
      dx[i] = inside ? dy[i]! : 0;
      const part = run * 4 + ((i % input.inner) & 3);
      if (input.wantsSums) parts[part] = f(parts[part]! + f(dy[i]! * f(code - (inside ? real : 0))));
    }
    const sums = Float32Array.from({ length: parts.length / 4 }, (_, run) => {
      const [a, b, c, d] = parts.subarray(run * 4, run * 4 + 4);
      return f(f(a! + b!) + f(c! + d!));
    });
    return Float32Array.of(...dx, ...sums);
  },
};
