import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DataError, EspalierError, FileError, FormatError, Tensor } from '@espalier/core';
import * as fc from 'fast-check';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLabels, readLabels } from './labels.js';
import { encodeNpy } from './npy.js';
import { encodeNpz } from './npz.js';
import { openArrays } from './open-arrays.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-data-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** Two 2 x 2 images as MNIST has them. */
const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);

async function only(path: string): Promise<{ dims: readonly number[]; values: unknown[] }> {
  const opened = await openArrays(path);
  if (opened.kind !== 'arrays') throw new Error('text');
  const rows = [...opened.arrays.values()][0];
  if (rows === undefined) throw new Error('nothing');
  const values = [...(await rows.read(0, rows.dims[0] ?? 0))];
  await rows.close();
  return { dims: rows.dims, values };
}

describe('openArrays', () => {
  test('reads IDX, whatever it is called', async () => {
    const read = await only(await file('images-idx3-ubyte', idx));
    expect(read).toEqual({ dims: [2, 2, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] });
  });

  test('reads gzipped IDX', async () => {
    expect((await only(await file('images-idx3-ubyte.gz', gzipSync(idx)))).dims).toEqual([2, 2, 2]);
  });

  test('reads big-endian IDX floats', async () => {
    const bytes = Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0);
    expect((await only(await file('f.idx', bytes))).values).toEqual([1]);
  });

  test.each([
    ['savez', 0],
    ['savez_compressed', 9],
  ] as const)('reads npz as %s writes it', async (name, level) => {
    const x = encodeNpy(new Tensor('int32', Int32Array.of(1, -2), [2]));
    const y = encodeNpy(new Tensor('uint8', Uint8Array.of(9), [1]));
    const opened = await openArrays(
      await file(`${name}.npz`, zipSync({ 'x.npy': x, 'y.npy': y }, { level })),
    );
    expect(opened.kind === 'arrays' && [...opened.arrays.keys()]).toEqual(['x', 'y']);
  });

  test('a zip member that claims more than its bytes can unpack to is refused before it is unpacked', async () => {
    const bytes = zipSync({ 'x.npy': encodeNpy(new Tensor('uint8', new Uint8Array(64), [64])) });
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // The central directory's record begins with PK\1\2; the unpacked size is 24 bytes in.
    for (let i = 0; i + 28 < bytes.length; i++) {
      if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 0xfffffff0, true);
    }
    await expect(only(await file('bomb.npz', bytes))).rejects.toThrow(/claims 4294967280 bytes/);
  });

  test.each<[string, Uint8Array | string, new (...report: never[]) => EspalierError, RegExp]>([
    ['cut.idx', idx.slice(0, 20), FormatError, /declares uint8 \[2, 2, 2\], which takes 24 bytes; it has 20/],
    ['header.idx', idx.slice(0, 9), FormatError, /declares a header of 16 bytes; it has 9/],
    ['bomb.gz', gzipSync(Buffer.concat([idx, Buffer.alloc(1e6)])), FormatError, /unpacks to more than/],
    ['cut.gz', gzipSync(idx).subarray(0, 25), FormatError, /can't be unpacked/],
    ['cut.npz', encodeNpz({ x: new Tensor('uint8', idx) }).slice(0, 60), FormatError, /no \.npz archive/],
    ['empty.npy', '', FormatError, /no \.npy file/],
    ['empty.bin', '', DataError, /is empty/],
    ['photo.bmp', 'BM1234', DataError, /no data file that is known/],
  ])('refuses %s in one clear error', async (name, bytes, type, message) => {
    const path = await file(name, bytes);
    await expect(only(path)).rejects.toThrow(type);
    await expect(only(path)).rejects.toThrow(message);
    await expect(only(path)).rejects.toThrow(name);
  });

  test('a missing file is a FileError that names it', async () => {
    await expect(openArrays(join(folder, 'gone.npy'))).rejects.toThrow(FileError);
    await expect(openArrays(join(folder, 'gone.npy'))).rejects.toThrow(/gone\.npy" does not exist/);
  });

  test('flipped IDX and npz files read or throw an EspalierError', async () => {
    const npz = encodeNpz({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(idx, npz), fc.nat(), fc.nat({ max: 255 }), async (good, at, flip) => {
        const bytes = good.slice();
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        await only(await file('flipped.npz', bytes)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(EspalierError);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('readLabels', () => {
  test('reads npy of any integer type, and columns of one', async () => {
    const path = await file('labels.npy', encodeNpy(new Tensor('int64', BigInt64Array.of(3n, 0n), [2, 1])));
    expect(await readLabels(path)).toEqual(Int32Array.of(3, 0));
  });

  test('reads text: numbers alone or behind a file name', async () => {
    const path = await file('labels.txt', '# made by hand\n3\ncat 2.png 7\n\n12\r\n');
    expect(await readLabels(path)).toEqual(Int32Array.of(3, 7, 12));
  });

  test('finds the labels among the arrays of an npz', async () => {
    const path = await file(
      'both.npz',
      encodeNpz({ x: new Tensor('uint8', idx), labels: new Tensor('uint8', Uint8Array.of(5)) }),
    );
    expect(await readLabels(path)).toEqual(Int32Array.of(5));
  });

  test.each([
    [
      'one-hot rows',
      new Tensor('float32', new Float32Array(20), [2, 10]),
      /shape \[2, 10\]; wanted is one class number/,
    ],
    ['fractions', new Tensor('float32', Float32Array.of(1, 0.5), [2]), /Label 1 of .* is 0\.5/],
    ['negative numbers', new Tensor('int8', Int8Array.of(-1), [1]), /Label 0 of .* is -1/],
  ])('refuses %s', async (_, tensor, message) => {
    await expect(readLabels(await file('bad.npy', encodeNpy(tensor)))).rejects.toThrow(message);
  });

  test('names the line of a text file that has no number', () => {
    expect(() => parseLabels('1\ncat\n', 'labels.txt')).toThrow(/no class number in "cat"[\s\S]*line 2/);
  });
});
