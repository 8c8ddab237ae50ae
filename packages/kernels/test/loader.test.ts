import { describe, expect, inject, test, vi } from 'vitest';
import { decodeBinary } from '../src/binary-text.js';
import { probe } from '../src/features.js';
import { instantiateKernels } from '../src/instantiate.js';
import { kernelNames, kernelTable } from '../src/kernel-table.js';
import { loadKernels, startCompilingKernels } from '../src/loader.js';
import { loadKernelsSync } from '../src/loader-sync.js';
import { withSharedMemory } from '../src/shared-import.js';
import { probed, testKernels } from './variants.js';

const texts = inject('binaries');
/** An empty module: magic number and version only. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const MAXIMUM = { initial: 4, maximum: 65536 };

describe('the kernel table', () => {
  test.each([
    { name: 'simd', multipliers: 'float32' },
    { name: 'relaxedSigned', multipliers: 'float32' },
    { name: 'scalar', multipliers: 'float32' },
    { name: 'simdFixed', multipliers: 'fixed-point' },
    { name: 'relaxedSignedFixed', multipliers: 'fixed-point' },
    { name: 'scalarFixed', multipliers: 'fixed-point' },
  ] as const)('lists exactly what the $name binary exports', ({ name, multipliers }) => {
    const module = new WebAssembly.Module(decodeBinary(texts[name]));
    const exported = WebAssembly.Module.exports(module).map((one) => one.name);
    const listed = kernelNames.filter((one) => (kernelTable[one].multipliers ?? multipliers) === multipliers);
    expect(exported.filter((one) => one !== 'heapBase').sort()).toEqual(listed.sort());
  });

  test('names no kernel twice', () => {
    const names = kernelNames.map((name) => kernelTable[name].name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('kernels that were started to be compiled are compiled once', async () => {
  const compile = vi.spyOn(WebAssembly, 'compile');
  startCompilingKernels({ binary: 'simd' });
  expect((await loadKernels({ binary: 'simd' })).binary).toBe('simd');
  expect(compile).toHaveBeenCalledTimes(1);
  compile.mockRestore();
});

describe('loadKernels', () => {
  test('gives the relaxed kernels exactly where the relaxed dot product is exact', async () => {
    const meaning = probed(texts);
    const kernels = await loadKernels();
    expect(kernels.binary).toBe(meaning === null ? 'simd' : 'relaxed');
    expect(kernels.relaxedDot).toBe(meaning);
    expect(kernels.weightFormat).toBe(meaning === null ? 'dot16' : `dot8-${meaning}`);
  });

  test('gives what is asked for: SIMD kernels want weights of 16 bits', async () => {
    const kernels = await loadKernels({ binary: 'simd' });
    expect(kernels).toMatchObject({ binary: 'simd', relaxedDot: null, weightFormat: 'dot16', shared: false });
  });

  test('gives the kernels for the rules of TensorFlow Lite where they are asked for', async () => {
    const kernels = await loadKernels({ multipliers: 'fixed-point' });
    expect(kernels.multipliers).toBe('fixed-point');
    expect(kernels.weightFormat).toBe((await loadKernels()).weightFormat);
    expect(typeof kernels.addFixedI8).toBe('function');
    expect(kernels.addI8).toBeUndefined();
  });

  test.skipIf(probed(texts) !== null)('refuses relaxed kernels where they would not be exact', async () => {
    await expect(loadKernels({ binary: 'relaxed' })).rejects.toThrow(/not exact on this processor. Use/);
  });

  test('makes a shared memory, of which another instance of the module sees the same bytes', async () => {
    const { shared, memory, module, heap } = await loadKernels({ shared: true, maximumBytes: 2 ** 26 });
    expect(shared).toBe(true);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const x = heap.place(Int8Array.of(1, -2, 3));
    const table = heap.place(Int8Array.from({ length: 256 }, (_, index) => 127 - index));
    const other = instantiateKernels({ binary: 'simd', module, memory });
    other.lutI8(3, x, table, x);
    expect([...heap.int8(x, 3)]).toEqual([-2, 1, -4]);
  });

  test('takes a memory that is handed in, shared or not', async () => {
    for (const shared of [false, true]) {
      const memory = new WebAssembly.Memory({ ...MAXIMUM, maximum: 100, shared });
      const kernels = await loadKernels({ memory });
      expect(kernels.memory).toBe(memory);
      expect(kernels.shared).toBe(shared);
    }
    const memory = new WebAssembly.Memory(MAXIMUM);
    expect(loadKernelsSync(memory).memory).toBe(memory);
  });

  test('a memory without a maximum is refused with what it needs', async () => {
    const memory = new WebAssembly.Memory({ initial: 4 });
    await expect(loadKernels({ memory })).rejects.toThrow(TypeError);
    await expect(loadKernels({ memory })).rejects.toThrow(/needs a maximum/);
  });

  test.each([0, -1, Number.NaN, 2 ** 33])(
    'a memory of at most %d bytes is a RangeError',
    async (maximumBytes) => {
      await expect(loadKernels({ maximumBytes })).rejects.toThrow(RangeError);
    },
  );

  test('a memory never grows past the maximum asked for', async () => {
    const { heap } = await loadKernels({ shared: true, maximumBytes: 2 ** 22 });
    expect(heap.malloc(2 ** 21)).toBeGreaterThan(0);
    expect(() => heap.malloc(2 ** 22)).toThrow(/can't grow/);
  });
});

describe('the probe of the relaxed dot product', () => {
  test.each([
    {
      machine: 'ARM, exact for signed bytes',
      binary: 'probeSigned',
      meaning: 'signed',
    },
    {
      machine: 'x64 with AVX-VNNI, exact for unsigned bytes',
      binary: 'probeUnsigned',
      meaning: 'unsigned',
    },
    {
      machine: 'x64 without, which saturates sums of two products',
      binary: 'probeSaturating',
      meaning: null,
    },
    {
      machine: 'Node 20 with its flag, which doubles sums',
      binary: 'probeDoubling',
      meaning: null,
    },
  ] as const)('finds $meaning on $machine', ({ binary, meaning }) => {
    expect(probe(decodeBinary(texts[binary]))).toBe(meaning);
  });

  test('finds nothing where the instruction is unknown', () => {
    const cut = decodeBinary(texts.relaxedProbe).slice(0, -1);
    expect(probe(cut)).toBeNull();
  });
});

describe('the binary for a shared memory', () => {
  test('is what the compiler makes for one', () => {
    const made = decodeBinary(texts.tinyShared);
    const derived = withSharedMemory(decodeBinary(texts.tiny));
    expect(Buffer.compare(made, derived)).toBe(0);
  });

  test('is found behind other imports', () => {
    const before = Uint8Array.of(
      ...EMPTY,
      ...[0, 3, 1, 0x78, 9], // custom section
      ...[1, 4, 1, 0x60, 0, 0], // type 0: () -> ()
      ...[2, 31, 4], // four imports
      ...[1, 0x61, 1, 0x62, 0, 0], // a.b, function of type 0
      ...[1, 0x61, 1, 0x63, 1, 0x70, 1, 1, 2], // a.c, table of 1 to 2 functions
      ...[1, 0x61, 1, 0x64, 3, 0x7f, 0], // a.d, constant int32
      ...[1, 0x61, 1, 0x65, 2, 1, 1, 2], // a.e, memory of 1 to 2 pages
    );
    expect(WebAssembly.validate(before)).toBe(true);
    const after = withSharedMemory(before);
    expect(WebAssembly.validate(after)).toBe(true);
    expect([...after].flatMap((byte, at) => (byte === before[at] ? [] : [[at, byte]]))).toEqual([
      [before.length - 3, 3],
    ]);
  });

  test('can not be made from a module without memory, or from half of one', () => {
    expect(() => withSharedMemory(EMPTY)).toThrow(TypeError);
    expect(() => withSharedMemory(decodeBinary(texts.simd).slice(0, 300))).toThrow(TypeError);
  });
});

test('a binary without the kernels of the table is refused by name', () => {
  expect(() =>
    instantiateKernels({
      binary: 'simd',
      module: new WebAssembly.Module(EMPTY),
    }),
  ).toThrow(/heapBase/);
});

test('the scalar twins refuse arguments out of range', () => {
  const { gemmI8 } = testKernels(texts, { binary: 'scalar', shared: false });
  expect(() => gemmI8(1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 5, -5, 0, 0)).toThrow(/refuses/);
});
