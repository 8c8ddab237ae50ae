import fc from 'fast-check';
import { type FixedPoint, fixedPoint, fixedPointMean } from '../../src/fixed-point.js';
import { exponentialTable, reciprocalTable } from '../../src/tables-i16.js';
import type { WideKernels } from '../../src/wide-loader.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from '../cases/geometry.js';
import { rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { data, size } from '../random-data.js';
import { code, factor, int16Range, int16s, place, scaled, wideZero } from './codes.js';

type WideTest<Case> = KernelTest<Case, WideKernels>;

const poolCase = fc.record({
  ...{ g: geometries('each'), x: data, part: fc.constantFrom(0, 0.3, 1), range: int16Range },
});
type PoolCase = typeof poolCase extends fc.Arbitrary<infer T> ? T : never;

export const averagePoolI16: WideTest<PoolCase> = {
  cases: poolCase,
  run(arena, { g, x, part, range }) {
    const { input, output } = elementCounts(g);
    const y = arena.output(output * 2);
    const from = arena.input(int16s(input, x));
    inTwoCalls(arena, g, part, (geometry) => arena.kernels.averagePoolI16(geometry, from, y, ...range));
    return arena.int16(y, output);
  },
  expected({ g, x, range }) {
    const { input, output } = elementCounts(g);
    const values = int16s(input, x);
    const y = new Int16Array(output);
    forEachWindow(g, (at, channel, places) => {
      const found = places.filter(({ pixel }) => pixel >= 0);
      const sum = found.reduce((total, { pixel }) => total + values[pixel * g.inputChannels + channel]!, 0);
      const size = Math.floor(Math.abs(sum) / Math.max(found.length, 1) + 0.5);
      y[at] = code(Math.sign(sum) * size, 0, range);
    });
    return y;
  },
};

const meanCase = fc.record({
  ...{ outer: fc.integer({ min: 1, max: 3 }), length: size(90), inner: size(20), x: data },
  ...{ real: factor, isMean: fc.boolean(), rounding },
  ...{ xZero: fc.constantFrom(0, 0, -77, 1200), yZero: wideZero, range: int16Range },
});
type MeanCase = typeof meanCase extends fc.Arbitrary<infer T> ? T : never;

function meanScale({ real, isMean, length }: MeanCase): FixedPoint {
  return isMean ? fixedPointMean(fixedPoint(real), length) : fixedPoint(real);
}

export const meanI16: WideTest<MeanCase> = {
  cases: meanCase,
  run(arena, input) {
    const { outer, length, inner, xZero, yZero, range } = input;
    const x = arena.input(int16s(outer * length * inner, input.x));
    const y = arena.output(outer * inner * 2);
    const scale = place(arena, meanScale(input), input.rounding);
    arena.kernels.meanI16(outer, length, inner, x, y, scale, xZero, yZero, ...range);
    return arena.int16(y, outer * inner);
  },
  expected(input) {
    const { outer, length, inner, xZero, yZero, range } = input;
    const x = int16s(outer * length * inner, input.x);
    return Int16Array.from({ length: outer * inner }, (_, at) => {
      const first = Math.floor(at / inner) * length * inner + (at % inner);
      let sum = 0;
      for (let i = 0; i < length; i++) sum += x[first + i * inner]! - xZero;
      return code(scaled(sum, meanScale(input), input.rounding), yZero, range);
    });
  },
};

const softmaxCase = fc.record({
  ...{ outer: fc.integer({ min: 1, max: 3 }), length: size(60), inner: fc.integer({ min: 1, max: 3 }) },
  ...{ x: data, real: fc.oneof(fc.constantFrom(0.125, 1, 2), factor), rounding },
});
type SoftmaxCase = typeof softmaxCase extends fc.Arbitrary<infer T> ? T : never;

const [exponentials, reciprocals] = [exponentialTable(), reciprocalTable()];

/** A value between entries of a table of 513. */
function lookUp(value: number, table: Int16Array): number {
  const held = Math.min(Math.max(value, -32768), 32767) + 32768;
  const [at, rest] = [Math.floor(held / 128), held % 128];
  return table[at]! + Math.floor(((table[at + 1]! - table[at]!) * rest) / 128 + 0.5);
}

export const softmaxI16: WideTest<SoftmaxCase> = {
  cases: softmaxCase,
  run(arena, { outer, length, inner, x, real, rounding: how }) {
    const values = int16s(outer * length * inner, x);
    const y = arena.output(values.length * 2);
    const scale = place(arena, fixedPoint(real), how);
    const tables = [arena.input(exponentials), arena.input(reciprocals)] as const;
    arena.kernels.softmaxI16(outer, length, inner, arena.input(values), y, scale, ...tables);
    return arena.int16(y, values.length);
  },
  expected({ outer, length, inner, x, real, rounding: how }) {
    const values = int16s(outer * length * inner, x);
    const y = new Int16Array(values.length);
    for (let row = 0; row < outer * inner; row++) {
      const start = Math.floor(row / inner) * length * inner + (row % inner);
      const places = Array.from({ length }, (_, i) => start + i * inner);
      const most = Math.max(...places.map((at) => values[at]!));
      const powers = places.map((at) =>
        lookUp(scaled(values[at]! - most, fixedPoint(real), how) + 32767, exponentials),
      );
      const sum = powers.reduce((total, power) => total + power, 0);
      const exponent = 31 - Math.clz32(sum);
      // sum / 2^exponent is 1 to 2: its fraction counts in units of 2^-16.
      const fraction = Math.floor((sum * 2 ** 16) / 2 ** exponent + 0.5) - 2 ** 16;
      const reciprocal = lookUp(fraction - 32768, reciprocals);
      for (const [i, at] of places.entries()) {
        const share = Math.floor((powers[i]! * reciprocal) / 2 ** exponent + 0.5);
        y[at] = Math.min(Math.max(share, 0), 32767);
      }
    }
    return y;
  },
};

const transposeCase = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  rows: size(40),
  columns: size(40),
  x: data,
});
type TransposeCase = typeof transposeCase extends fc.Arbitrary<infer T> ? T : never;

export const transposeI16: WideTest<TransposeCase> = {
  cases: transposeCase,
  run(arena, { batch, rows, columns, x }) {
    const values = int16s(batch * rows * columns, x);
    const y = arena.output(values.length * 2);
    arena.kernels.transposeI16(batch, rows, columns, arena.input(values), y);
    return arena.int16(y, values.length);
  },
  expected({ batch, rows, columns, x }) {
    const values = int16s(batch * rows * columns, x);
    return values.map((_, at) => {
      const image = Math.floor(at / (rows * columns));
      const [column, row] = [Math.floor((at % (rows * columns)) / rows), at % rows];
      return values[image * rows * columns + row * columns + column]!;
    });
  },
};
