import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { type KernelName, kernelNames, kernelTable } from '../src/kernel-table.js';
import type { MultiplierKind } from '../src/multipliers.js';
import { Arena, type TypedArray } from './arena.js';
import { kernelTests } from './cases/index.js';
import { runInArena } from './check-kernels.js';
import { bits, sameBits } from './same-bits.js';
import { testKernels, type Variant, variants } from './variants.js';

const texts = inject('binaries');
/** The judge of a kind of multipliers, and what it judges. */
interface Bench {
  readonly kind: MultiplierKind;
  readonly scalar: Arena;
  readonly arenas: readonly (Variant & { readonly arena: Arena })[];
}

const benches = (['float32', 'fixed-point'] as const).map(
  (kind): Bench => ({
    kind,
    scalar: new Arena(testKernels(texts, { binary: 'scalar', shared: false }, kind)),
    arenas: variants(texts)
      .filter(({ shared }) => kind === 'float32' || !shared)
      .map((variant) => ({
        ...variant,
        arena: new Arena(testKernels(texts, variant, kind)),
      })),
  }),
);
const allArenas = benches.flatMap(({ kind, arenas }) =>
  arenas.map(({ label, arena }) => ({ label: `${label}, ${kind}`, arena })),
);
const memoriesBefore = new Map(allArenas.map(({ arena }) => [arena, staticMemory(arena)]));

/** Kernels of all binaries that compute something else with fixed-point multipliers. */
const dependent: ReadonlySet<KernelName> = new Set([
  'averagePoolI8',
  'convI8',
  'depthwiseConvI8',
  'gemmI8',
  'quantizeF32I8',
  'quantizeTransposeF32I8',
]);

/** The rest is the same code in both kinds of binaries. */
function differs(name: KernelName, kind: MultiplierKind): boolean {
  const only = kernelTable[name].multipliers;
  return only === undefined ? kind === 'float32' || dependent.has(name) : only === kind;
}

/** Kernels that the relaxed binary does not take from the SIMD one. */
const relaxedNames = exportedNames(readFileSync(new URL('../assembly/relaxed.ts', import.meta.url), 'utf8'));

function exportedNames(source: string): Set<string> {
  const lists = [...source.matchAll(/^export \{([^}]*)\}/gm)].map((match) => match[1] ?? '');
  return new Set(lists.flatMap((list) => list.split(',').map((name) => name.trim())));
}

/** Memory below the heap: the constants of a binary. */
function staticMemory({ kernels }: Arena): Uint8Array {
  const first = kernels.heap.malloc(1);
  kernels.heap.free(first);
  return kernels.heap.uint8(0, first).slice();
}

/** Whether it is the code of no other variant: another kind of memory, or a kernel that relaxed takes from simd, is. */
function hasOwnCode(name: string, { binary, shared }: Variant): boolean {
  return !shared && (binary === 'simd' || (binary !== 'relaxed' && relaxedNames.has(name)));
}

function expectSameBits(actual: TypedArray, expected: TypedArray, label?: string): void {
  if (sameBits(actual, expected)) return;
  expect(actual, label).toEqual(expected);
  // toEqual may not tell some bit patterns apart.
  expect(bits(actual), label).toEqual(bits(expected));
}

const judged = benches.flatMap((bench) =>
  kernelNames
    .filter((name) => differs(name, bench.kind))
    .map((name) => ({ ...bench, name, kernel: kernelTable[name].name })),
);

describe.each(judged)('$kernel, $kind', ({ name, kind, scalar, arenas }) => {
  const { cases, expected } = kernelTests[name];
  const inArena = (arena: Arena, input: unknown) => runInArena(name, arena, input);

  // Many cases for code of its own, few where another variant runs the same; the twin computes each once.
  const groups = [
    { numRuns: 300, those: arenas.filter((variant) => hasOwnCode(name, variant)) },
    { numRuns: 30, those: arenas.filter((variant) => !hasOwnCode(name, variant)) },
  ]
    .filter(({ those }) => those.length > 0)
    .map((group) => ({ ...group, labels: group.those.map(({ label }) => label).join('; ') }));

  test.each(groups)(
    'gives the bits of the scalar twin and writes nothing else ($labels)',
    ({ those, numRuns }) => {
      fc.assert(
        fc.property(cases, (input) => {
          const expectedBits = inArena(scalar, input);
          for (const { label, arena } of those) expectSameBits(inArena(arena, input), expectedBits, label);
        }),
        { numRuns },
      );
    },
  );

  test('the scalar twin gives the bits of plain TypeScript', () => {
    fc.assert(
      fc.property(cases, (input) => expectSameBits(inArena(scalar, input), expected(input, kind))),
      { numRuns: 150 },
    );
  });
});

// Threads share it: a kernel with working space of its own there would spoil another thread's.
test.each(allArenas)('no kernel has written below the heap ($label)', ({ arena }) => {
  expect(staticMemory(arena)).toEqual(memoriesBefore.get(arena));
});
