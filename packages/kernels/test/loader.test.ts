import { describe, expect, test } from 'vitest';
import { kernelNames, kernelTable } from '../src/kernel-table.js';
import { instantiateKernels } from '../src/loader.js';
import { freshBinary, freshKernels } from './binaries.js';

describe('the kernel table', () => {
  test.each(['simd', 'scalar'] as const)('lists exactly what the %s binary exports', (name) => {
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(freshBinary(name))).map(
      (one) => one.name,
    );
    expect(exported.filter((one) => one !== 'heapBase').sort()).toEqual([...kernelNames].sort());
  });

  test('names no kernel twice', () => {
    const names = kernelNames.map((name) => kernelTable[name].name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('a binary without the kernels of the table is refused by name', () => {
  // An empty module: magic number and version only.
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  expect(() => instantiateKernels('simd', empty)).toThrow(/heapBase/);
});

test('the scalar twins refuse arguments out of range', () => {
  const { gemmI8 } = freshKernels('scalar');
  expect(() => gemmI8(1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 5, -5, 0, 0)).toThrow(/refuses/);
});
