import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { trainKernelNames, trainTable } from '../src/train-table.js';
import { Arena, type TypedArray } from './arena.js';
import { packGemmBF32 } from './cases/gemm-f32.js';
import type { KernelTest } from './kernel-test.js';
import { bits, sameBits } from './same-bits.js';
import { trainKernelTests } from './train-cases/index.js';
import { type TrainBinary, testTrainKernels } from './variants.js';

const texts = inject('binaries');
const arenaOf = (binary: TrainBinary, shared = false) => new Arena(testTrainKernels(texts, binary, shared));
const scalar = arenaOf('trainScalar');
const variants = [
  { label: 'train', arena: arenaOf('train'), numRuns: 300 },
  { label: 'train, shared memory', arena: arenaOf('train', true), numRuns: 30 },
];

function expectSameBits(actual: TypedArray, expected: TypedArray): void {
  if (sameBits(actual, expected)) return;
  expect(actual).toEqual(expected);
  expect(bits(actual)).toEqual(bits(expected));
}

const own = trainKernelNames.map((name) => ({
  kernel: trainTable[name].name,
  name,
  ...trainKernelTests[name],
}));
// Has another implementation in this binary.
const replaced = [{ kernel: 'pack-gemm-f32', name: 'packGemmBF32', ...packGemmBF32 }];

describe.each([...own, ...replaced])('$kernel, $name', ({ cases, run, expected }) => {
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
      { numRuns: 150 },
    );
  });
});
