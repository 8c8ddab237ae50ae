import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernelNames, kernelTable } from '../src/kernel-table.js';
import { Arena, type TypedArray } from './arena.js';
import { freshKernels } from './binaries.js';
import { kernelTests } from './cases/index.js';

const simd = new Arena(freshKernels('simd'));
const scalar = new Arena(freshKernels('scalar'));

/** The bits of a result; every NaN counts as the same one, since WebAssembly leaves its payload open. */
function bits(values: TypedArray): Uint8Array {
  const canonical = values.slice();
  if (canonical instanceof Float32Array) {
    for (let i = 0; i < canonical.length; i++) if (Number.isNaN(canonical[i])) canonical[i] = Number.NaN;
  }
  return new Uint8Array(canonical.buffer);
}

function expectSameBits(actual: TypedArray, expected: TypedArray): void {
  if (Buffer.compare(bits(actual), bits(expected)) === 0) return;
  expect(actual).toEqual(expected);
  // toEqual may not tell some bit patterns apart.
  expect(bits(actual)).toEqual(bits(expected));
}

describe.each(kernelNames.map((name) => ({ name, kernel: kernelTable[name].name })))(
  '$kernel',
  ({ name }) => {
    const { cases, run, expected } = kernelTests[name];

    function inArena(arena: Arena, input: unknown): TypedArray {
      const result = run(arena, input);
      arena.finish();
      return result;
    }

    test('SIMD gives the bits of the scalar twin and writes nothing else', () => {
      fc.assert(
        fc.property(cases, (input) => expectSameBits(inArena(simd, input), inArena(scalar, input))),
        { numRuns: 300 },
      );
    });

    test('the scalar twin gives the bits of plain TypeScript', () => {
      fc.assert(
        fc.property(cases, (input) => expectSameBits(inArena(scalar, input), expected(input))),
        { numRuns: 150 },
      );
    });
  },
);
