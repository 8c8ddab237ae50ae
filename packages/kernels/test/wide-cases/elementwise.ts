import fc from 'fast-check';
import { type FixedPoint, fixedPoint } from '../../src/fixed-point.js';
import { sigmoidScale, sigmoidTable } from '../../src/tables-i16.js';
import type { WideKernels } from '../../src/wide-loader.js';
import { rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, int8s, size } from '../random-data.js';
import { code, factor, int16Range, int16s, place, scaled, type WideArena, wideZero } from './codes.js';

type WideTest<Case> = KernelTest<Case, WideKernels>;
const f = Math.fround;

const shape = fc.record({
  rows: size(9),
  columns: size(40),
  b: fc.constantFrom('same' as const, 'column' as const, 'row' as const, 'scalar' as const),
  aData: data,
  bData: data,
});
/** What the operands of a sum are multiplied with. */
const operandFactor = fc.oneof(fc.constant(0.5), fc.double({ min: 2 ** -20, max: 0.5, noNaN: true }));
const pairCase = fc.record({
  ...{ shape, aFactor: operandFactor, bFactor: operandFactor, yFactor: factor, rounding },
  ...{ aZero: fc.constantFrom(0, 0, -300, 7), bZero: fc.constantFrom(0, 0, 99) },
  ...{ yZero: wideZero, range: int16Range },
});
type PairCase = typeof pairCase extends fc.Arbitrary<infer T> ? T : never;

/** Length of b and its strides by row and column. */
function layout({ rows, columns, b }: PairCase['shape']): [number, number, number] {
  if (b === 'same') return [rows * columns, columns, 1];
  if (b === 'column') return [columns, 0, 1];
  return b === 'row' ? [rows, 1, 0] : [1, 0, 0];
}

/** Calls `each` with the operands of every result. */
function pairs({ shape: one }: PairCase, each: (a: number, b: number) => number): Int16Array {
  const [length, rowStride, columnStride] = layout(one);
  const b = int16s(length, one.bData);
  return int16s(one.rows * one.columns, one.aData).map((value, at) =>
    each(value, b[Math.floor(at / one.columns) * rowStride + (at % one.columns) * columnStride]!),
  );
}

function placedPair(arena: WideArena, { shape: one }: PairCase) {
  const [length, rowStride, columnStride] = layout(one);
  const y = arena.output(one.rows * one.columns * 2);
  const a = arena.input(int16s(one.rows * one.columns, one.aData));
  const b = arena.input(int16s(length, one.bData));
  return { y, head: [one.rows, one.columns, a, b, rowStride, columnStride, y] as const };
}

function sumTest(name: 'addI16' | 'subI16', sign: 1 | -1): WideTest<PairCase> {
  const scales = (input: PairCase) =>
    [input.aFactor, input.bFactor, Math.max(input.yFactor / 2 ** 15, 2 ** -31)].map(fixedPoint) as [
      FixedPoint,
      FixedPoint,
      FixedPoint,
    ];
  return {
    cases: pairCase,
    run(arena, input) {
      const { y, head } = placedPair(arena, input);
      const [aScale, bScale, yScale] = scales(input).map((one) => place(arena, one, input.rounding)) as [
        number,
        number,
        number,
      ];
      const { aZero, bZero, yZero, range } = input;
      arena.kernels[name](...head, aScale, aZero, bScale, bZero, yScale, yZero, ...range);
      return arena.int16(y, head[0] * head[1]);
    },
    expected(input) {
      const [aScale, bScale, yScale] = scales(input);
      const how = input.rounding;
      return pairs(input, (a, b) => {
        const first = scaled((a - input.aZero) * 2 ** 15, aScale, how);
        const second = scaled((b - input.bZero) * 2 ** 15, bScale, how);
        return code(scaled(first + sign * second, yScale, how), input.yZero, input.range);
      });
    },
  };
}

export const addI16: WideTest<PairCase> = sumTest('addI16', 1);
export const subI16: WideTest<PairCase> = sumTest('subI16', -1);

function productFactor({ yFactor }: PairCase): number {
  return Math.max(yFactor / 2 ** 12, 2 ** -31);
}

export const mulI16: WideTest<PairCase> = {
  cases: pairCase,
  run(arena, input) {
    const { y, head } = placedPair(arena, input);
    const scale = place(arena, fixedPoint(productFactor(input)), input.rounding);
    arena.kernels.mulI16(...head, scale, input.yZero, ...input.range);
    return arena.int16(y, head[0] * head[1]);
  },
  expected(input) {
    const by = fixedPoint(productFactor(input));
    return pairs(input, (a, b) => code(scaled(a * b, by, input.rounding), input.yZero, input.range));
  },
};

const bytes = fc.constantFrom(1 as const, 2 as const, 4 as const);
const rescaleCase = fc.record({
  ...{ n: size(70), x: data, xBytes: bytes, yBytes: bytes, factor, rounding },
  ...{ xZero: fc.constantFrom(0, -128, 5), yZero: fc.constantFrom(0, -128, 9) },
});
type RescaleCase = typeof rescaleCase extends fc.Arbitrary<infer T> ? T : never;

const ends: Readonly<Record<1 | 2 | 4, readonly [number, number]>> = {
  1: [-128, 127],
  2: [-32768, 32767],
  4: [-(2 ** 31), 2 ** 31 - 1],
};

/** Codes of so many bytes. */
function codes({ n, x, xBytes }: RescaleCase): Int8Array | Int16Array | Int32Array {
  if (xBytes === 1) return int8s(n, x);
  return xBytes === 2 ? int16s(n, x) : Int32Array.from(int16s(n, x), (value) => value * 50021);
}

export const rescale: WideTest<RescaleCase> = {
  cases: rescaleCase,
  run(arena, input) {
    const { n, xBytes, yBytes, xZero, yZero } = input;
    const y = arena.output(n * yBytes);
    const scale = place(arena, fixedPoint(input.factor), input.rounding);
    const x = arena.input(codes(input));
    arena.kernels.rescale(n, x, xBytes, y, yBytes, scale, xZero, yZero, ...ends[yBytes]);
    return arena.uint8(y, n * yBytes);
  },
  expected(input) {
    const { yBytes, xZero, yZero } = input;
    const results = Array.from(codes(input), (value) => {
      const result = scaled32(value - xZero, fixedPoint(input.factor), input.rounding);
      return code(result, yZero, ends[yBytes]);
    });
    const Class = { 1: Int8Array, 2: Int16Array, 4: Int32Array }[yBytes];
    return new Uint8Array(new Class(results).buffer);
  },
};

/** A value of up to 32 bits times a factor of up to 2: not held anywhere. */
function scaled32(value: number, by: FixedPoint, how: RescaleCase['rounding']): number {
  const product = BigInt(value) * BigInt(by.value);
  if (how === 'once') return Number((product + (1n << BigInt(30 - by.shift))) >> BigInt(31 - by.shift));
  return twice(value, by);
}

function twice(value: number, { value: multiplier, shift }: FixedPoint): number {
  const most = 2n ** 31n;
  const left = BigInt(value) << BigInt(Math.max(shift, 0));
  const held = left < -most ? -most : left > most - 1n ? most - 1n : left;
  const product = held * BigInt(multiplier);
  const high = (product + (product >= 0n ? 2n ** 30n : 1n - 2n ** 30n)) / 2n ** 31n;
  const divisor = 2n ** BigInt(Math.max(-shift, 0));
  const size = high < 0n ? -high : high;
  const nearest = Number((2n * size + divisor) / (2n * divisor));
  return high < 0n ? -nearest : nearest;
}

const leakyCase = fc.record({
  ...{ n: size(70), x: data, above: factor, below: factor, rounding },
  sign: fc.constantFrom(1 as const, -1 as const),
});
type LeakyCase = typeof leakyCase extends fc.Arbitrary<infer T> ? T : never;

export const leakyReluI16: WideTest<LeakyCase> = {
  cases: leakyCase,
  run(arena, { n, x, above, below, rounding: how, sign }) {
    const y = arena.output(n * 2);
    const scales = [above, below].map((one) => place(arena, fixedPoint(one), how)) as [number, number];
    arena.kernels.leakyReluI16(n, arena.input(int16s(n, x)), y, ...scales, sign);
    return arena.int16(y, n);
  },
  expected({ n, x, above, below, rounding: how, sign }) {
    return int16s(n, x).map((value) => {
      const result =
        value >= 0 ? scaled(value, fixedPoint(above), how) : sign * scaled(value, fixedPoint(below), how);
      return code(result, 0, [-32768, 32767]);
    });
  },
};

const curveCase = fc.record({
  n: size(300),
  x: data,
  scale: fc.oneof(fc.constantFrom(2 ** -12, 2 ** -11), fc.double({ min: 2 ** -20, max: 2, noNaN: true })),
});
type CurveCase = typeof curveCase extends fc.Arbitrary<infer T> ? T : never;

/** Straight lines between points of the logistic function, worked out from what the table means. */
function curveTest(name: 'sigmoidI16' | 'tanhI16'): WideTest<CurveCase> {
  const isTanh = name === 'tanhI16';
  const by = ({ scale }: CurveCase) => {
    const found = sigmoidScale(scale, isTanh);
    if (found === null) throw new Error(`The scale ${scale} was expected to be in reach.`);
    return found;
  };
  const step = isTanh ? 256 : 512;
  return {
    cases: curveCase,
    run(arena, input) {
      const { n, x } = input;
      const y = arena.output(n * 2);
      const { multiplier, shift } = by(input);
      const [from, table] = [arena.input(int16s(n, x)), arena.input(sigmoidTable())];
      arena.kernels[name](n, from, y, table, multiplier, shift);
      return arena.int16(y, n);
    },
    expected(input) {
      const table = sigmoidTable();
      const { multiplier, shift } = by(input);
      return int16s(input.n, input.x).map((value) => {
        const units = Math.floor((value * multiplier) / 2 ** shift + (shift > 0 ? 0.5 : 0));
        const place = Math.min(Math.abs(units) / step, 255);
        const from = Math.floor(place);
        const saturated = isTanh ? 0xffff : 0x7fff * 2;
        const last = from === 255 ? saturated : table[from]!;
        const point = last + (place - from) * ((table[from + 1] ?? last) - last);
        // Of 2^-16; below 0 the curve is turned, and all is rounded down to a result of 2^-15 with half a unit added.
        const above = isTanh ? point - 2 ** 15 : point / 2;
        const turned = isTanh ? -above : 2 ** 15 - above;
        const unit = isTanh ? 2 ** -8 : 2 ** -10;
        return Math.floor(units >= 0 ? above + 0.5 : turned + 0.5 - unit);
      });
    },
  };
}

export const sigmoidI16: WideTest<CurveCase> = curveTest('sigmoidI16');
export const tanhI16: WideTest<CurveCase> = curveTest('tanhI16');

const quantizeCase = fc.record({
  ...{ n: size(70), x: data, zero: wideZero, isAway: fc.boolean() },
  scale: fc.constantFrom(1, 0.5, 2 ** -14, 0.000061, 1e-9, 1e-40).map(f),
});
type QuantizeCase = typeof quantizeCase extends fc.Arbitrary<infer T> ? T : never;

export const quantizeF32I16: WideTest<QuantizeCase> = {
  cases: quantizeCase,
  run(arena, { n, x, scale, zero, isAway }) {
    const y = arena.output(n * 2);
    arena.kernels.quantizeF32I16(n, arena.input(float32s(n, x)), y, scale, zero, isAway ? 1 : 0);
    return arena.int16(y, n);
  },
  expected({ n, x, scale, zero, isAway }) {
    return Int16Array.from(float32s(n, x), (value) => {
      const steps = f(value / scale);
      if (Number.isNaN(steps) || (isAway && steps >= 2 ** 31)) return -32768;
      const floor = Math.floor(Math.abs(steps));
      const rest = Math.abs(steps) - floor;
      const up = rest > 0.5 || (rest === 0.5 && (isAway || floor % 2 === 1));
      const whole = Math.sign(steps) * (floor + (up ? 1 : 0));
      return code(whole, zero, [-32768, 32767]);
    });
  },
};

const dequantizeCase = fc.record({
  n: size(70),
  x: data,
  zero: wideZero,
  scale: fc.constantFrom(1, 0.3, 1e-5).map(f),
});
type DequantizeCase = typeof dequantizeCase extends fc.Arbitrary<infer T> ? T : never;

export const dequantizeI16F32: WideTest<DequantizeCase> = {
  cases: dequantizeCase,
  run(arena, { n, x, scale, zero }) {
    const y = arena.output(n * 4);
    arena.kernels.dequantizeI16F32(n, arena.input(int16s(n, x)), y, scale, zero);
    return arena.float32(y, n);
  },
  expected: ({ n, x, scale, zero }) => Float32Array.from(int16s(n, x), (value) => (value - zero) * scale),
};
