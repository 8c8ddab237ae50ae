import fc from 'fast-check';
import { type FixedPoint, fixedPoint, fixedPointMean, fixedPointScale } from '../../src/fixed-point.js';
import type { Rounding } from '../../src/multipliers.js';
import type { Arena } from '../arena.js';
import { rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { requantizeFixed } from '../plain.js';
import { data, int8Range, int8s, size, zeroPoint } from '../random-data.js';

/** From factors that leave nothing to ones that saturate; the middle ones make ties. */
const factor = fc.oneof(
  fc.constantFrom(0.5, 0.25, 1, 2, 3, 2 ** -9, 0.75, 1 - 2 ** -32),
  fc.double({ min: 2 ** -12, max: 4, noNaN: true }),
);
const anyFactor = fc.oneof(factor, fc.constantFrom(0, 2 ** -40, 2 ** -31, 2 ** 29, 2 ** 40));
/** What the operands of a sum are multiplied with. */
const operandFactor = fc.oneof(
  fc.constant(0.5),
  fc.double({ min: 2 ** -20, max: 0.5, noNaN: true, maxExcluded: true }),
);

const shape = fc.record({
  rows: size(12),
  columns: size(70),
  b: fc.constantFrom('same' as const, 'column' as const, 'row' as const, 'scalar' as const),
  aData: data,
  bData: data,
});
const pairCase = fc.record({
  shape,
  aFactor: operandFactor,
  bFactor: operandFactor,
  yFactor: factor.map((one) => one * 2 ** -19),
  product: anyFactor,
  aZero: zeroPoint,
  bZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
  rounding,
});
type PairCase = typeof pairCase extends fc.Arbitrary<infer T> ? T : never;

/** Length of b and its strides by row and column. */
function layout({ rows, columns, b }: PairCase['shape']): [number, number, number] {
  if (b === 'same') return [rows * columns, columns, 1];
  if (b === 'column') return [columns, 0, 1];
  return b === 'row' ? [rows, 1, 0] : [1, 0, 0];
}

function place(arena: Arena, real: FixedPoint, how: Rounding): number {
  return arena.input(fixedPointScale(real, how));
}

/** A value times a factor, held far outside of int8. */
function scaled(value: number, by: FixedPoint, how: Rounding): number {
  return requantizeFixed(value, by, how, 0, -(2 ** 30), 2 ** 30);
}

function code(value: number, zero: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value + zero, low), high);
}

/** Calls `each` with the operands of every result, zero points taken off. */
function pairs({ shape: one, aZero, bZero }: PairCase, each: (a: number, b: number) => number): Int8Array {
  const [length, rowStride, columnStride] = layout(one);
  const b = int8s(length, one.bData);
  return int8s(one.rows * one.columns, one.aData).map((value, at) => {
    const other = b[Math.floor(at / one.columns) * rowStride + (at % one.columns) * columnStride]!;
    return each(value - aZero, other - bZero);
  });
}

function sumTest(name: 'addFixedI8' | 'subFixedI8', sign: 1 | -1): KernelTest<PairCase> {
  return {
    cases: pairCase,
    run(arena, input) {
      const { shape: one, aZero, bZero, yZero, range, rounding: how } = input;
      const [length, rowStride, columnStride] = layout(one);
      const y = arena.output(one.rows * one.columns);
      const a = arena.input(int8s(one.rows * one.columns, one.aData));
      const b = arena.input(int8s(length, one.bData));
      const scales = [input.aFactor, input.bFactor, input.yFactor].map((real) =>
        place(arena, fixedPoint(real), how),
      ) as [number, number, number];
      arena.kernels[name](
        ...([one.rows, one.columns, a, b, rowStride, columnStride, y] as const),
        ...([scales[0], aZero, scales[1], bZero, scales[2], yZero] as const),
        ...range,
      );
      return arena.int8(y, one.rows * one.columns);
    },
    expected(input) {
      const { yZero, range, rounding: how } = input;
      const [aScale, bScale, yScale] = [input.aFactor, input.bFactor, input.yFactor].map(fixedPoint) as [
        FixedPoint,
        FixedPoint,
        FixedPoint,
      ];
      return pairs(input, (a, b) => {
        const sum = scaled(a * 2 ** 20, aScale, how) + sign * scaled(b * 2 ** 20, bScale, how);
        return code(scaled(sum, yScale, how), yZero, range);
      });
    },
  };
}

export const addFixedI8: KernelTest<PairCase> = sumTest('addFixedI8', 1);
export const subFixedI8: KernelTest<PairCase> = sumTest('subFixedI8', -1);

export const mulFixedI8: KernelTest<PairCase> = {
  cases: pairCase,
  run(arena, input) {
    const { shape: one, aZero, bZero, yZero, range, product, rounding: how } = input;
    const [length, rowStride, columnStride] = layout(one);
    const y = arena.output(one.rows * one.columns);
    const a = arena.input(int8s(one.rows * one.columns, one.aData));
    const b = arena.input(int8s(length, one.bData));
    arena.kernels.mulFixedI8(
      ...([one.rows, one.columns, a, b, rowStride, columnStride, y, aZero, bZero] as const),
      place(arena, fixedPoint(product), how),
      yZero,
      ...range,
    );
    return arena.int8(y, one.rows * one.columns);
  },
  expected(input) {
    const { product, yZero, range, rounding: how } = input;
    return pairs(input, (a, b) => code(scaled(a * b, fixedPoint(product), how), yZero, range));
  },
};

const rowsCase = fc.record({
  rows: size(8),
  columns: size(70),
  xGap: fc.integer({ min: 0, max: 5 }),
  yGap: fc.integer({ min: 0, max: 5 }),
  x: data,
  real: anyFactor,
  xZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
  rounding,
});
type RowsCase = typeof rowsCase extends fc.Arbitrary<infer T> ? T : never;

export const requantizeFixedI8: KernelTest<RowsCase> = {
  cases: rowsCase,
  run(arena, input) {
    const { rows, columns, xGap, yGap, xZero, yZero, range } = input;
    const x = arena.input(int8s(rows * (columns + xGap), input.x));
    const bytes = rows * (columns + yGap) - yGap;
    const y = arena.output(bytes);
    const scale = place(arena, fixedPoint(input.real), input.rounding);
    arena.kernels.requantizeFixedI8(
      ...([rows, columns, x, columns + xGap, y, columns + yGap, scale, xZero, yZero] as const),
      ...range,
    );
    return arena.int8(y, bytes);
  },
  expected(input) {
    const { rows, columns, xGap, yGap, xZero, yZero, range } = input;
    const x = int8s(rows * (columns + xGap), input.x);
    const y = new Int8Array(rows * (columns + yGap) - yGap);
    new Uint8Array(y.buffer).fill(0xa5);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = x[row * (columns + xGap) + column]! - xZero;
        const result = scaled(value, fixedPoint(input.real), input.rounding);
        y[row * (columns + yGap) + column] = code(result, yZero, range);
      }
    }
    return y;
  },
};

const meanCase = fc.record({
  outer: fc.integer({ min: 1, max: 3 }),
  length: size(120),
  inner: size(40),
  x: data,
  real: factor,
  isMean: fc.boolean(),
  xZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
  rounding,
});
type MeanCase = typeof meanCase extends fc.Arbitrary<infer T> ? T : never;

function meanScale({ real, isMean, length }: MeanCase): FixedPoint {
  return isMean ? fixedPointMean(fixedPoint(real), length) : fixedPoint(real);
}

export const meanFixedI8: KernelTest<MeanCase> = {
  cases: meanCase,
  run(arena, input) {
    const { outer, length, inner, xZero, yZero, range } = input;
    const x = arena.input(int8s(outer * length * inner, input.x));
    const y = arena.output(outer * inner);
    const scale = place(arena, meanScale(input), input.rounding);
    arena.kernels.meanFixedI8(outer, length, inner, x, y, scale, xZero, yZero, ...range);
    return arena.int8(y, outer * inner);
  },
  expected(input) {
    const { outer, length, inner, xZero, yZero, range } = input;
    const x = int8s(outer * length * inner, input.x);
    return Int8Array.from({ length: outer * inner }, (_, at) => {
      const first = Math.floor(at / inner) * length * inner + (at % inner);
      let sum = 0;
      for (let i = 0; i < length; i++) sum += x[first + i * inner]! - xZero;
      return code(scaled(sum, meanScale(input), input.rounding), yZero, range);
    });
  },
};

const softmaxCase = fc.record({
  outer: fc.integer({ min: 1, max: 3 }),
  length: size(60),
  inner: fc.integer({ min: 1, max: 3 }),
  x: data,
  /** The exponential of a step down. */
  ratio: fc.double({ min: 0.02, max: 0.999, noNaN: true }),
  /** Steps from which on it counts as 0. */
  cutOff: fc.integer({ min: 1, max: 256 }),
});
type SoftmaxCase = typeof softmaxCase extends fc.Arbitrary<infer T> ? T : never;

function exponentials({ ratio, cutOff }: SoftmaxCase): Int32Array {
  return Int32Array.from({ length: 256 }, (_, d) =>
    d < cutOff ? Math.min(Math.floor(ratio ** d * 2 ** 31), 2 ** 31 - 1) : -1,
  );
}

/** SaturatingRoundingDoublingHighMul; none of the operands here is -2^31. */
function highMul(a: bigint, b: bigint): bigint {
  return (a * b + 2n ** 30n) >> 31n;
}

/** value / 2^exponent to nearest, for values that are not negative. */
function shifted(value: bigint, exponent: bigint): bigint {
  return (2n * value + 2n ** exponent) / 2n ** (exponent + 1n);
}

/** 2^31 / (1 + x) by three steps of Newton's method, as gemmlowp takes them. */
function reciprocal(x: bigint): bigint {
  const half = (x + 2n ** 31n) / 2n;
  let y = 1515870810n + highMul(half, -1010580540n);
  for (let i = 0; i < 3; i++) y += highMul(y, 2n ** 29n - highMul(half, y)) * 4n;
  return y * 2n > 2n ** 31n - 1n ? 2n ** 31n - 1n : y * 2n;
}

export const softmaxFixedI8: KernelTest<SoftmaxCase> = {
  cases: softmaxCase,
  run(arena, input) {
    const { outer, length, inner } = input;
    const x = arena.input(int8s(outer * length * inner, input.x));
    const y = arena.output(outer * length * inner);
    arena.kernels.softmaxFixedI8(outer, length, inner, x, y, arena.input(exponentials(input)));
    return arena.int8(y, outer * length * inner);
  },
  expected(input) {
    const { outer, length, inner } = input;
    const x = int8s(outer * length * inner, input.x);
    const table = exponentials(input);
    const y = new Int8Array(x.length);
    for (let row = 0; row < outer * inner; row++) {
      const start = Math.floor(row / inner) * length * inner + (row % inner);
      const places = Array.from({ length }, (_, i) => start + i * inner);
      const largest = Math.max(...places.map((at) => x[at]!));
      const powers = places.map((at) => BigInt(table[largest - x[at]!]!));
      const sum = powers.reduce((total, power) => (power < 0n ? total : total + shifted(power, 12n)), 0n);
      const zeros = Math.clz32(Number(sum));
      const scale = reciprocal((sum << BigInt(zeros)) - 2n ** 31n);
      const exponent = BigInt(12 - zeros + 31 - 8);
      for (const [i, at] of places.entries()) {
        const power = powers[i]!;
        const part = power < 0n ? 0 : Number(shifted(highMul(scale, power), exponent));
        y[at] = Math.min(part - 128, 127);
      }
    }
    return y;
  },
};
