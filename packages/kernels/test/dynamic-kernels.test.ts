import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { decodeBinary } from '../src/binary-text.js';
import { withDynamicKernels } from '../src/dynamic-loader.js';
import { dynamicKernelNames, dynamicTable } from '../src/dynamic-table.js';
import { loadKernels } from '../src/loader.js';
import { withWideKernels } from '../src/wide-loader.js';
import { Arena, type TypedArray } from './arena.js';
import { dynamicKernelTests } from './dynamic-cases/index.js';
import type { KernelTest } from './kernel-test.js';
import { bits, sameBits } from './same-bits.js';
import { sectionsOf } from './sections.js';
import { probed, type TestBinary, testDynamicKernels } from './variants.js';

const texts = inject('binaries');

function pair(
  binary: 'dynamic' | 'dynamicRelaxed' | 'dynamicRelaxedSigned' | 'dynamicRelaxedUnsigned',
  beside: TestBinary,
  shared = false,
) {
  return {
    label: `${binary}${shared ? ', shared memory' : ''}`,
    arena: new Arena(testDynamicKernels(texts, { binary, beside, shared })),
    judge: new Arena(testDynamicKernels(texts, { binary: 'dynamicScalar', beside, shared: false })),
    numRuns: shared ? 20 : 120,
  };
}

const variants = [
  pair('dynamic', 'simd'),
  pair('dynamic', 'simd', true),
  pair('dynamicRelaxedSigned', 'relaxedSigned'),
  pair('dynamicRelaxedUnsigned', 'relaxedUnsigned'),
  ...(probed(texts) === null ? [] : [pair('dynamicRelaxed', 'relaxed')]),
];
type AnyArena = (typeof variants)[number]['arena'];

function expectSameBits(actual: TypedArray, expected: TypedArray): void {
  if (sameBits(actual, expected)) return;
  expect(actual).toEqual(expected);
  expect(bits(actual)).toEqual(bits(expected));
}

const own = dynamicKernelNames.map((name) => ({
  kernel: dynamicTable[name].name,
  name,
  ...dynamicKernelTests[name],
}));

describe.each(own)('$kernel, $name', ({ cases, run, expected }) => {
  function inArena(arena: AnyArena, input: unknown): TypedArray {
    // Each test gets the cases it makes itself.
    const result = (run as KernelTest<unknown, typeof arena.kernels>['run'])(arena, input);
    arena.finish();
    return result;
  }
  const all = cases as fc.Arbitrary<unknown>;
  const plain = expected as (input: unknown) => TypedArray;

  test.each(variants)('gives the bits of the scalar twin and writes nothing else ($label)', (variant) => {
    fc.assert(
      fc.property(all, (input) =>
        expectSameBits(inArena(variant.arena, input), inArena(variant.judge, input)),
      ),
      { numRuns: variant.numRuns },
    );
  });

  test.each(variants.slice(0, 1))('the scalar twin gives the bits of plain TypeScript', ({ judge }) => {
    fc.assert(
      fc.property(all, (input) => expectSameBits(inArena(judge, input), plain(input))),
      { numRuns: 100 },
    );
  });
});

describe('the binaries', () => {
  test.each(['dynamic', 'dynamicRelaxed'] as const)(
    '%s has no constants in memory, which is that of another',
    (name) => {
      const DATA = 11;
      expect(sectionsOf(decodeBinary(texts[name]))).not.toContain(DATA);
    },
  );

  test('stand beside the kernels that are loaded, and others beside them', async () => {
    const kernels = await withDynamicKernels(await withWideKernels(await loadKernels()));
    expect(kernels.more).toHaveLength(2);
    const { heap } = kernels;
    const [x, codes, unit] = [heap.place(Float32Array.of(-1, 0, 1.55)), heap.malloc(3), heap.malloc(8)];
    kernels.dynamicCodes(1, 3, x, codes, unit, 0);
    expect([...heap.int8(codes, 3)]).toEqual([-128, -28, 127]);
    expect(heap.float32(unit, 1)[0]).toBeCloseTo(0.01, 6);
  });
});
