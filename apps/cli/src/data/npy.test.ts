import {
  type DataType,
  dataTypes,
  EspalierError,
  FormatError,
  Tensor,
  tensorOf,
  toBytes,
} from '@espalier/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memorySource } from './byte-source.js';
import { encodeNpy, openNpy } from './npy.js';

/** A `.npy` file written by hand, so that the reader is not judged by our writer. */
function npyBytes(header: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...text,
    ...data,
  ]);
}

async function readAll(bytes: Uint8Array): Promise<unknown[]> {
  const rows = await openNpy(memorySource('x.npy', bytes));
  return [...(await rows.read(0, rows.dims[0] ?? 0))];
}

describe('openNpy', () => {
  test.each([1, 2, 3] as const)('reads version %i.0', async (version) => {
    const data = toBytes(Float32Array.of(1, 2, 3, 4, 5, 6));
    const bytes = npyBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data, version);
    const rows = await openNpy(memorySource('x.npy', bytes));
    expect(rows.dims).toEqual([2, 3]);
    expect([...(await rows.read(1, 1))]).toEqual([4, 5, 6]);
  });

  test('reads big-endian elements', async () => {
    const bytes = npyBytes(
      "{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}",
      Uint8Array.of(1, 2, 255, 254),
    );
    expect(await readAll(bytes)).toEqual([258, -2]);
  });

  test('puts Fortran order into C order', async () => {
    // numpy.asfortranarray([[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]).tobytes(order='A')
    const data = Uint8Array.of(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11);
    const bytes = npyBytes("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2)}", data);
    expect(await readAll(bytes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const rows = await openNpy(memorySource('x.npy', bytes));
    expect([...(await rows.read(1, 1))]).toEqual([6, 7, 8, 9, 10, 11]);
  });

  test.each([
    [
      'complex numbers',
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
      /'<c8', not plain numbers/,
    ],
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", /'\|O', not plain numbers/],
    ['records', "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", /type record/],
    [
      '2^40 elements',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 1048576)}",
      /takes 43980465\d{5} bytes; it has 88/,
    ],
    [
      'dims beyond 2^53',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      /claims the shape/,
    ],
    ['negative dims', "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}", /lacks/],
    ['no dict', 'import os', /no Python dict/],
  ])('refuses %s', async (_, header, message) => {
    const promise = readAll(npyBytes(header, new Uint8Array(8)));
    await expect(promise).rejects.toThrow(FormatError);
    await expect(promise).rejects.toThrow(message);
  });

  test('any array that encodeNpy writes comes back bit for bit, and its data is aligned to 64 bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<DataType>(...dataTypes),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.integer(),
        async (type, dims, seed) => {
          const count = dims.reduce((a, b) => a * b, 1);
          const values = Array.from({ length: count }, (_, i) =>
            type === 'bool' ? i & 1 : (seed + i * 37) & 63,
          );
          const tensor = tensorOf(type, values, dims);
          const bytes = encodeNpy(tensor);
          expect((bytes.length - tensor.data.byteLength) % 64).toBe(0);
          const rows = await openNpy(memorySource('x.npy', bytes));
          expect([rows.type, rows.dims]).toEqual([type, dims]);
          expect(await rows.read(0, dims[0] ?? 0)).toEqual(tensor.data);
        },
      ),
    );
  });

  test('cut or flipped files read as some array or throw an EspalierError', async () => {
    const good = encodeNpy(new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: good.length }),
        fc.nat({ max: good.length - 1 }),
        fc.nat({ max: 255 }),
        async (length, at, flip) => {
          const bytes = good.slice();
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          await readAll(bytes.slice(0, length)).catch((error: unknown) => {
            expect(error).toBeInstanceOf(EspalierError);
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});
