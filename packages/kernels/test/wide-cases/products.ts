import fc from 'fast-check';
import { fixedPoint } from '../../src/fixed-point.js';
import {
  convI16ScratchBytes,
  GEMM_I16_SCRATCH_BYTES,
  packConvI16,
  packDepthwiseI16,
  packGemmI16,
} from '../../src/pack-i16.js';
import { runTimeMultiplier, type SumRule } from '../../src/sum-multipliers.js';
import type { WideKernels } from '../../src/wide-loader.js';
import { weightShape } from '../cases/conv-shape.js';
import { shape, strides } from '../cases/gemm-shape.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from '../cases/geometry.js';
import type { KernelTest } from '../kernel-test.js';
import { roundHalfEven } from '../plain.js';
import { biases, type Data, data, int8s, size } from '../random-data.js';
import { factor, int16Range, int16s, wideZero } from './codes.js';

type WideTest<Case> = KernelTest<Case, WideKernels>;

const rule = fc.constantFrom<SumRule>('nearest', 'short');

/** What turns sums of columns into codes. */
const sums = {
  rule,
  /** Times a size of sums: where results use all codes. */
  factor,
  xZero: wideZero,
  yZero: wideZero,
  range: int16Range,
};

interface Sums {
  readonly rule: SumRule;
  readonly factor: number;
  readonly xZero: number;
  readonly yZero: number;
  readonly range: readonly [number, number];
}

/** Factors of columns that take sums of `k` products to codes, some beyond them. */
function factorsOf({ factor: one }: Sums, columns: number, k: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, c) => (one * (1 + (c % 5))) / (Math.sqrt(k + 1) * 64));
}

/** A sum of whole numbers as a code, in whole numbers of any size. */
function requantized(sum: bigint, real: number, { rule: how, yZero, range }: Sums): number {
  const whole = how === 'nearest' ? BigInt(nearest(sum, real)) : short(sum, real);
  const code = whole + BigInt(yZero);
  if (code < range[0]) return range[0];
  return code > range[1] ? range[1] : Number(code);
}

function nearest(sum: bigint, real: number): number {
  return Math.min(Math.max(roundHalfEven(Number(sum) * real), -(2 ** 40)), 2 ** 40);
}

/** MultiplyByQuantizedMultiplier(int64_t, ...) of tensorflow/lite/kernels/internal/common.cc */
function short(sum: bigint, real: number): bigint {
  const { value, shift } = fixedPoint(real);
  const reduced = value < 0x7fff0000 ? (value + 0x8000) >> 16 : 0x7fff;
  const right = BigInt(15 - shift);
  return (sum * BigInt(reduced) + (1n << (right - 1n))) >> right;
}

function required(packed: Uint8Array | null): Uint8Array {
  if (packed === null) throw new Error('These weights were expected to fit.');
  return packed;
}

const gemmCase = fc.record({ ...shape, ...sums });
type GemmCase = typeof gemmCase extends fc.Arbitrary<infer T> ? T : never;

function gemmInputs(input: GemmCase) {
  const { m, n, k, aGap } = input;
  return {
    a: int16s(m * (k + aGap), input.a),
    data: int8s(k * n, input.b),
    bias: input.hasBias ? biases(n, input.b) : undefined,
    factors: factorsOf(input, n, k),
  };
}

export const gemmI16: WideTest<GemmCase> = {
  cases: gemmCase,
  run(arena, input) {
    const { m, n, k, aGap, cGap, xZero, yZero, range } = input;
    const { a, data: b, bias, factors } = gemmInputs(input);
    const multipliers = { rule: input.rule, factors };
    const weights = { data: b, k, n, ...strides(input), bias, multipliers, inputZero: xZero };
    const packed = arena.input(required(packGemmI16(weights)));
    const length = m * (n + cGap) - cGap;
    const c = arena.output(length * 2);
    arena.kernels.gemmI16(
      ...([m, n, k, arena.input(a), k + aGap, packed, c, n + cGap, yZero, ...range] as const),
      arena.output(GEMM_I16_SCRATCH_BYTES),
    );
    return arena.int16(c, length);
  },
  expected(input) {
    const { m, n, k, aGap, cGap, xZero } = input;
    const { a, data: b, bias, factors } = gemmInputs(input);
    const { rowStride, columnStride } = strides(input);
    const c = new Int16Array(m * (n + cGap) - cGap);
    new Uint8Array(c.buffer).fill(0xa5);
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        // Below 2^53: exact.
        let sum = bias?.[column] ?? 0;
        for (let i = 0; i < k; i++)
          sum += (a[row * (k + aGap) + i]! - xZero) * b[i * rowStride + column * columnStride]!;
        c[row * (n + cGap) + column] = requantized(BigInt(sum), factors[column]!, input);
      }
    }
    return c;
  },
};

const convCase = fc.record({
  ...{ g: geometries('conv'), x: data, w: data, hasBias: fc.boolean(), part: fc.constantFrom(0, 0.3, 1) },
  /** Rows are put together in as little room as there may be. */
  hasLittleRoom: fc.boolean(),
  ...sums,
});
const eachCase = fc.record({
  ...{ g: geometries('each'), x: data, w: data, hasBias: fc.boolean(), part: fc.constantFrom(0, 0.3, 1) },
  ...sums,
});
type ConvCase = typeof convCase extends fc.Arbitrary<infer T> ? T : never;
type EachCase = typeof eachCase extends fc.Arbitrary<infer T> ? T : never;

function convInputs(input: EachCase, channelsPerGroup: number) {
  const { outputChannels, kernelHeight, kernelWidth } = input.g;
  const each = channelsPerGroup * kernelHeight * kernelWidth;
  return {
    x: int16s(elementCounts(input.g).input, input.x),
    data: int8s(outputChannels * each, input.w),
    bias: input.hasBias ? biases(outputChannels, input.w as Data) : undefined,
    factors: factorsOf(input, outputChannels, each),
  };
}

export const convI16: WideTest<ConvCase> = {
  cases: convCase,
  run(arena, input) {
    const { g, xZero, yZero, range } = input;
    const own = weightShape(g);
    const { x, factors, ...rest } = convInputs(input, own.channelsPerGroup);
    const multipliers = { rule: input.rule, factors };
    const weights = { ...own, ...rest, multipliers, inputZero: xZero };
    const packed = arena.input(required(packConvI16(weights)));
    const { output } = elementCounts(g);
    const y = arena.output(output * 2);
    const bytes = input.hasLittleRoom
      ? GEMM_I16_SCRATCH_BYTES + Math.ceil(own.each / 2) * 4 + 16
      : convI16ScratchBytes(g);
    const [scratch, from] = [arena.output(bytes), arena.input(x)];
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.convI16(geometry, from, packed, y, xZero, yZero, ...range, scratch, bytes);
    });
    return arena.int16(y, output);
  },
  expected(input) {
    const { g, xZero } = input;
    const { channelsPerGroup, each } = weightShape(g);
    const { x, data: w, bias, factors } = convInputs(input, channelsPerGroup);
    const taps = g.kernelHeight * g.kernelWidth;
    const outputs = g.outputChannels / g.groups;
    const y = new Int16Array(elementCounts(g).output);
    forEachWindow(g, (at, channel, places) => {
      const first = Math.floor(channel / outputs) * channelsPerGroup;
      let sum = bias?.[channel] ?? 0;
      for (const { pixel, tap } of places) {
        for (let i = 0; i < channelsPerGroup && pixel >= 0; i++)
          sum += (x[pixel * g.inputChannels + first + i]! - xZero) * w[channel * each + i * taps + tap]!;
      }
      y[at] = requantized(BigInt(sum), factors[channel]!, input);
    });
    return y;
  },
};

export const depthwiseConvI16: WideTest<EachCase> = {
  cases: eachCase,
  run(arena, input) {
    const { g, xZero, yZero, range } = input;
    const { x, factors, ...rest } = convInputs(input, 1);
    const { outputChannels, kernelHeight, kernelWidth } = g;
    const multipliers = { rule: input.rule, factors };
    const own = { outputChannels, kernelHeight, kernelWidth, multipliers, inputZero: xZero };
    const packed = arena.input(required(packDepthwiseI16({ ...rest, ...own })));
    const { output } = elementCounts(g);
    const y = arena.output(output * 2);
    const [scratch, from] = [arena.output(64), arena.input(x)];
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.depthwiseConvI16(geometry, from, packed, y, xZero, yZero, ...range, scratch);
    });
    return arena.int16(y, output);
  },
  expected(input) {
    const { g, xZero } = input;
    const { x, data: w, bias, factors } = convInputs(input, 1);
    const taps = g.kernelHeight * g.kernelWidth;
    const y = new Int16Array(elementCounts(g).output);
    forEachWindow(g, (at, channel, places) => {
      let sum = bias?.[channel] ?? 0;
      for (const { pixel, tap } of places) {
        if (pixel >= 0) sum += (x[pixel * g.inputChannels + channel]! - xZero) * w[channel * taps + tap]!;
      }
      y[at] = requantized(BigInt(sum), factors[channel]!, input);
    });
    return y;
  },
};

const matMulCase = fc.record({
  ...{ m: size(12), n: size(20), k: fc.oneof(fc.constant(0), size(90)), a: data, b: data, bZero: wideZero },
  ...sums,
});
type MatMulCase = typeof matMulCase extends fc.Arbitrary<infer T> ? T : never;

/** Products are of 30 bits here, not of 22. */
function productFactor({ factor: one, k }: MatMulCase): number {
  return one / (Math.sqrt(k + 1) * 16384);
}

export const matMulI16: WideTest<MatMulCase> = {
  cases: matMulCase,
  run(arena, input) {
    const { m, n, k, xZero, bZero, yZero, range } = input;
    const [a, b] = [arena.input(int16s(m * k, input.a)), arena.input(int16s(k * n, input.b))];
    const c = arena.output(m * n * 2);
    const multiplier = arena.input(runTimeMultiplier(input.rule, productFactor(input)));
    const isShort = input.rule === 'short' ? 1 : 0;
    arena.kernels.matMulI16(m, n, k, a, b, c, xZero, bZero, multiplier, isShort, yZero, ...range);
    return arena.int16(c, m * n);
  },
  expected(input) {
    const { m, n, k, xZero, bZero } = input;
    const [a, b] = [int16s(m * k, input.a), int16s(k * n, input.b)];
    return Int16Array.from({ length: m * n }, (_, at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let i = 0; i < k; i++) sum += (a[row * k + i]! - xZero) * (b[i * n + column]! - bZero);
      return requantized(BigInt(sum), productFactor(input), input);
    });
  },
};
