import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { decodeBinary } from '../src/binary-text.js';
import { loadKernels } from '../src/loader.js';
import { packDepthwiseI16, packGemmI16 } from '../src/pack-i16.js';
import { exponentialTable, reciprocalTable, sigmoidScale, sigmoidTable } from '../src/tables-i16.js';
import { withWideKernels } from '../src/wide-loader.js';
import { wideKernelNames, wideTable } from '../src/wide-table.js';
import { Arena, type TypedArray } from './arena.js';
import type { KernelTest } from './kernel-test.js';
import { bits, sameBits } from './same-bits.js';
import { sectionsOf } from './sections.js';
import { testWideKernels } from './variants.js';
import { wideKernelTests } from './wide-cases/index.js';

const texts = inject('binaries');
const scalar = new Arena(testWideKernels(texts, 'wideScalar'));
const variants = [
  { label: 'wide', arena: new Arena(testWideKernels(texts, 'wide')), numRuns: 200 },
  { label: 'wide, shared memory', arena: new Arena(testWideKernels(texts, 'wide', true)), numRuns: 20 },
];

function expectSameBits(actual: TypedArray, expected: TypedArray): void {
  if (sameBits(actual, expected)) return;
  expect(actual).toEqual(expected);
  expect(bits(actual)).toEqual(bits(expected));
}

const own = wideKernelNames.map((name) => ({
  kernel: wideTable[name].name,
  name,
  ...wideKernelTests[name],
}));

describe.each(own)('$kernel, $name', ({ cases, run, expected }) => {
  function inArena(arena: typeof scalar, input: unknown): TypedArray {
    // Each test gets the cases it makes itself.
    const result = (run as KernelTest<unknown, typeof arena.kernels>['run'])(arena, input);
    arena.finish();
    return result;
  }
  const all = cases as fc.Arbitrary<unknown>;
  const plain = expected as (input: unknown) => TypedArray;

  test.each(variants)('gives the bits of the scalar twin and writes nothing else ($label)', (variant) => {
    fc.assert(
      fc.property(all, (input) => expectSameBits(inArena(variant.arena, input), inArena(scalar, input))),
      { numRuns: variant.numRuns },
    );
  });

  test('the scalar twin gives the bits of plain TypeScript', () => {
    fc.assert(
      fc.property(all, (input) => expectSameBits(inArena(scalar, input), plain(input))),
      { numRuns: 100 },
    );
  });
});

describe('the binary', () => {
  test('has no constants in memory, which is that of another binary', () => {
    const bytes = decodeBinary(texts.wide);
    const DATA = 11;
    expect(sectionsOf(bytes)).not.toContain(DATA);
  });

  test('stands beside the kernels that are loaded', async () => {
    const kernels = await withWideKernels(await loadKernels());
    const { heap } = kernels;
    const [x, y] = [heap.place(Float32Array.of(1, -2, 1e9)), heap.malloc(6)];
    kernels.quantizeF32I16(3, x, y, 0.5, 0, 0);
    expect([...new Int16Array(heap.memory.buffer, y, 3)]).toEqual([2, -4, 32767]);
    kernels.clampF32(3, x, x, 0, 1);
    expect([...heap.float32(x, 3)]).toEqual([1, 0, 1]);
  });
});

describe('weights', () => {
  const one = { rule: 'short', factors: [1] } as const;

  test('whose sums may pass what is exact are not packed', () => {
    const weights = { data: [1], k: 1, n: 1, rowStride: 1, columnStride: 1, multipliers: one, inputZero: 0 };
    expect(packGemmI16({ ...weights, bias: [2 ** 37 - 2 ** 15 - 1] })).not.toBeNull();
    expect(packGemmI16({ ...weights, bias: [2 ** 37 - 2 ** 15] })).toBeNull();
  });

  test('of so many taps that products pass int32 are no depthwise ones', () => {
    const weights = { outputChannels: 1, kernelHeight: 1, kernelWidth: 517, multipliers: one, inputZero: 0 };
    expect(packDepthwiseI16({ ...weights, data: new Int8Array(517).fill(-127) })).toBeNull();
    expect(packDepthwiseI16({ ...weights, data: new Int8Array(517).fill(-126) })).not.toBeNull();
  });
});

describe('tables', () => {
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

  test('of the logistic function are within a unit and a half of it', () => {
    for (const [i, value] of sigmoidTable().entries())
      expect(Math.abs(value - 65536 * logistic(i / 24)), `entry ${i}`).toBeLessThan(1.5);
  });

  test('of exponentials and reciprocals are within two units of them', () => {
    for (const [i, value] of exponentialTable().entries())
      expect(Math.abs(value - 32768 * Math.exp(-10 + (10 * i) / 512)), `entry ${i}`).toBeLessThan(2);
    for (const [i, value] of reciprocalTable().entries())
      expect(Math.abs(value - Math.min(32768 / (1 + i / 512), 32767)), `entry ${i}`).toBeLessThan(2);
  });

  // The scales of TensorFlow Lite's own test of LOGISTIC in int16, and its ends.
  test.each([
    { scale: 2 ** -12, isTanh: false, expected: { multiplier: 3, shift: 0 } },
    { scale: 2 ** -12 * 1.0005, isTanh: false, expected: { multiplier: 3, shift: 0 } },
    { scale: 2 ** -11, isTanh: true, expected: { multiplier: 6, shift: 0 } },
    { scale: 2 ** -11, isTanh: false, expected: { multiplier: 24576, shift: 12 } },
    { scale: 3, isTanh: false, expected: null },
  ])('of the logistic function are reached from the scale $scale', ({ scale, isTanh, expected }) => {
    expect(sigmoidScale(scale, isTanh)).toEqual(expected);
  });
});
