import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { type FixedPoint, fixedPoint } from '../src/fixed-point.js';
import { geometryWords } from '../src/geometry.js';
import type { Rounding } from '../src/multipliers.js';
import { packDepthwiseConvI8 } from '../src/pack-depthwise.js';
import { packGemmI8 } from '../src/pack-gemm.js';
import { Arena } from './arena.js';
import { rounding } from './column-multipliers.js';
import { requantizeFixed } from './plain.js';
import { int8Range, zeroPoint } from './random-data.js';
import { testKernels, variants } from './variants.js';

const texts = inject('binaries');
const arenas = [
  { label: 'scalar', binary: 'scalar' as const, shared: false },
  ...variants(texts).filter(({ shared }) => !shared),
].map((variant) => ({
  ...variant,
  arena: new Arena(testKernels(texts, variant, 'fixed-point')),
}));

const least = -(2 ** 31);
const most = 2 ** 31 - 1;

/** Any int32, often at its ends, and sums that multipliers of 1/2 make ties of, of both signs. */
const sum = fc.oneof(
  fc.integer({ min: least, max: most }),
  fc.constantFrom(least, least + 1, -1, 0, 1, most - 1, most),
  fc
    .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 21 }))
    .map(([k, e]) => (2 * k + 1) * 2 ** e),
);
const multiplier: fc.Arbitrary<FixedPoint> = fc.record({
  value: fc.oneof(
    fc.integer({ min: 2 ** 30, max: most }),
    fc.constantFrom(2 ** 30, 2 ** 30 + 1, most - 1, most),
    fc.constant(0),
  ),
  shift: fc.oneof(
    fc.integer({ min: -31, max: 30 }),
    fc.integer({ min: -24, max: -1 }),
    fc.constantFrom(-31, -1, 0, 1, 30),
  ),
});
const columns = fc.record({
  columns: fc.array(fc.tuple(sum, multiplier), { minLength: 1, maxLength: 20 }),
  rounding,
  zero: zeroPoint,
  range: int8Range,
});
type Columns = typeof columns extends fc.Arbitrary<infer T> ? T : never;

function packedParts({ columns: all, rounding: how }: Columns) {
  return {
    bias: Int32Array.from(all, ([one]) => one),
    multipliers: {
      values: Int32Array.from(all, ([, { value }]) => value),
      shifts: Int8Array.from(all, ([, { shift }]) => shift),
      rounding: how,
    },
  };
}

function expected({ columns: all, rounding: how, zero, range }: Columns): Int8Array {
  return Int8Array.from(all, ([one, by]) => requantizeFixed(one, by, how, zero, range[0], range[1]));
}

describe.each(arenas)('the $label binary requantizes any sum by any multiplier', ({ arena }) => {
  test('of panels: a product of k = 0 has its biases for sums', () => {
    fc.assert(
      fc.property(columns, (input) => {
        const n = input.columns.length;
        const shape = {
          data: new Int8Array(),
          k: 0,
          n,
          rowStride: n,
          columnStride: 1,
          inputZero: 0,
        };
        const b = arena.input(packGemmI8({ ...shape, ...packedParts(input) }, arena.kernels.weightFormat));
        const c = arena.output(n);
        const [low, high] = input.range;
        const scratch = arena.output(1024);
        arena.kernels.gemmI8(
          1,
          n,
          0,
          arena.input(new Int8Array(16)),
          0,
          b,
          c,
          n,
          0,
          input.zero,
          low,
          high,
          scratch,
          1024,
        );
        const result = arena.int8(c, n);
        arena.finish();
        expect(result).toEqual(expected(input));
      }),
      { numRuns: 2000 },
    );
  });

  test('of quads: weights of 0 leave the biases', () => {
    fc.assert(
      fc.property(columns, (input) => {
        const channels = input.columns.length;
        const shape = {
          data: new Int8Array(channels),
          channels,
          kernelHeight: 1,
          kernelWidth: 1,
        };
        const result = depthwise(
          arena,
          packDepthwiseConvI8({ ...shape, ...packedParts(input) }),
          channels,
          input,
        );
        expect(result).toEqual(expected(input));
      }),
      { numRuns: 1000 },
    );
  });
});

function depthwise(arena: Arena, packed: Uint8Array, channels: number, { zero, range }: Columns): Int8Array {
  const geometry = geometryWords({
    ...{ batch: 1, inputHeight: 1, inputWidth: 1, inputChannels: channels },
    ...{
      outputHeight: 1,
      outputWidth: 1,
      outputChannels: channels,
      groups: channels,
    },
    ...{ kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1 },
    ...{
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: 0,
      padLeft: 0,
      padBottom: 0,
      padRight: 0,
    },
  });
  const y = arena.output(channels);
  const x = arena.input(new Int8Array(channels + 16));
  const scratch = arena.output(8192);
  arena.kernels.depthwiseConvI8(
    arena.input(geometry),
    x,
    arena.input(packed),
    y,
    0,
    zero,
    range[0],
    range[1],
    scratch,
  );
  const result = arena.int8(y, channels);
  arena.finish();
  return result;
}

describe('fixed-point fractions', () => {
  test.each([
    [1, 2 ** 30, 1],
    [0.5, 2 ** 30, 0],
    [0.75, 1.5 * 2 ** 30, 0],
    [1 - 2 ** -40, 2 ** 30, 1],
    [2 ** -32, 2 ** 30, -31],
    [2 ** -33, 0, 0],
    [0, 0, 0],
    [2 ** 30, most, 30],
    [1e30, most, 30],
  ])('of %d is %d / 2^31 * 2^%d', (factor, value, shift) => {
    expect(fixedPoint(factor)).toEqual({ value, shift });
  });

  test('are within half a unit in the last of 31 bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -31, max: 2 ** 29, noNaN: true }), (factor) => {
        const { value, shift } = fixedPoint(factor);
        expect(Math.abs(value * 2 ** (shift - 31) - factor)).toBeLessThanOrEqual(2 ** (shift - 32));
      }),
    );
  });
});

test('rounding twice makes ties of what is below one', () => {
  const quarter = { value: 2 ** 30, shift: -1 };
  const by = (sum: number, how: Rounding) => requantizeFixed(sum, quarter, how, 0, -128, 127);
  expect([by(1, 'once'), by(1, 'twice')]).toEqual([0, 1]);
  expect([by(-2, 'once'), by(-2, 'twice')]).toEqual([0, -1]);
});
