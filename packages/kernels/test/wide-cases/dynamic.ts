import fc from 'fast-check';
import type { WideKernels } from '../../src/wide-loader.js';
import type { KernelTest } from '../kernel-test.js';
import { roundHalfEven } from '../plain.js';
import { data, float32s, int8s, size, uniform } from '../random-data.js';

type WideTest<Case> = KernelTest<Case, WideKernels>;
const f = Math.fround;

const codesCase = fc.record({
  rows: size(9),
  k: size(70),
  pad: fc.nat({ max: 1 }),
  x: data,
  factor: fc.constantFrom(1, -1, 0, 1e30),
});
type CodesCase = typeof codesCase extends fc.Arbitrary<infer T> ? T : never;

function strideOf({ k, pad }: { k: number; pad: number }): number {
  return (Math.ceil(k / 8) + pad) * 8;
}

/** Reals of both signs, of one sign, or all zero. */
function reals({ rows, k, x, factor }: CodesCase): Float32Array {
  const values = float32s(rows * k, x);
  return factor === -1 ? values.map((value) => -Math.abs(value)) : values.map((value) => value * factor);
}

/** Codes, and then the scale, as bytes of int16. */
export const dynamicCodes: WideTest<CodesCase> = {
  cases: codesCase,
  run(arena, input) {
    const { rows, k } = input;
    const stride = strideOf(input);
    const [codes, scale] = [arena.output(rows * stride * 2), arena.output(4)];
    // SIMD reads 28 bytes past the end.
    const x = Float32Array.from([...reals(input), 9e9, 9e9, 9e9, 9e9, 9e9, 9e9, 9e9]);
    arena.kernels.dynamicCodes(rows, k, arena.input(x), codes, stride, scale);
    return Float32Array.from([...arena.int16(codes, rows * stride), ...arena.float32(scale, 1)]);
  },
  expected(input) {
    const { rows, k } = input;
    const [x, stride] = [reals(input), strideOf(input)];
    const [low, high] = [x.reduce((a, b) => Math.min(a, b), 0), x.reduce((a, b) => Math.max(a, b), 0)];
    const scale = low === high ? 1 : f(f(high - low) / 255);
    const clamped = (code: number) => Math.min(Math.max(Number.isNaN(code) ? 0 : code, 0), 255);
    const zero = clamped(roundHalfEven(f(-low / scale)));
    const codes = new Float32Array(rows * stride + 1);
    for (const [i, value] of x.entries()) {
      const steps = roundHalfEven(f(value / scale));
      codes[Math.floor(i / k) * stride + (i % k)] = Number.isNaN(steps) ? 0 : clamped(steps + zero) - zero;
    }
    codes[rows * stride] = scale;
    // -0 is no code.
    return codes.map((code) => code + 0);
  },
};

const gemmCase = fc.record({
  ...{ m: size(9), n: size(30), blocks: fc.nat({ max: 40 }), a: data, b: data },
  range: fc.constantFrom<readonly [number, number]>([-Infinity, Infinity], [0, Infinity], [0, 6]),
});
type GemmCase = typeof gemmCase extends fc.Arbitrary<infer T> ? T : never;

function gemmInputs({ m, n, blocks, a, b }: GemmCase) {
  const stride = blocks * 8;
  const next = uniform(a.seed);
  const ends: readonly number[] = a.kind === 'lowest' ? [-255, -255] : [-255, 255];
  const [least = 0, most = 0] = ends;
  return {
    stride,
    codes: Int16Array.from({ length: m * stride }, () => Math.round(least + next() * (most - least))),
    weights: int8s(Math.ceil(n / 4) * 4 * stride, b),
    aScale: Float32Array.of(0.013),
    bScale: Float32Array.from({ length: n }, () => next() / 100),
    bias: Float32Array.from({ length: n }, () => next() - 0.5),
  };
}

/** Panels of four columns, each with 8 weights in turn. */
function panelPlace(column: number, i: number, stride: number): number {
  const [panel, step] = [Math.floor(column / 4), Math.floor(i / 8)];
  return panel * 4 * stride + step * 32 + (column % 4) * 8 + (i % 8);
}

export const gemmDynamic: WideTest<GemmCase> = {
  cases: gemmCase,
  run(arena, input) {
    const { m, n, range } = input;
    const { stride, codes, weights, aScale, bScale, bias } = gemmInputs(input);
    const c = arena.output(m * n * 4);
    const [a, b] = [arena.input(codes), arena.input(weights)];
    const scales = [arena.input(aScale), arena.input(bScale), arena.input(bias)] as const;
    arena.kernels.gemmDynamic(m, n, stride, a, b, ...scales, c, n, ...range);
    return arena.float32(c, m * n);
  },
  expected(input) {
    const { m, n, range } = input;
    const { stride, codes, weights, aScale, bScale, bias } = gemmInputs(input);
    return Float32Array.from({ length: m * n }, (_, at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let i = 0; i < stride; i++)
        sum += codes[row * stride + i]! * weights[panelPlace(column, i, stride)]!;
      const real = f(f(f(sum) * f(aScale[0]! * bScale[column]!)) + bias[column]!);
      return Math.min(Math.max(real, range[0]), range[1]);
    });
  },
};
