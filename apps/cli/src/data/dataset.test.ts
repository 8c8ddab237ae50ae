import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, FormatError, Tensor } from '@espalier/core';
import * as fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from './npy.js';
import { encodeNpz } from './npz.js';
import { type DatasetRequest, openDataset } from './open-dataset.js';
import type { InputShape } from './sample-plan.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-dataset-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function npy(name: string, tensor: Tensor): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, encodeNpy(tensor));
  return path;
}

const image: InputShape = { name: 'x', dtype: 'float32', dims: ['N', 3, 2, 2] };

function bytes(dims: readonly number[], at: (i: number) => number = (i) => i): Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  return new Tensor(
    'uint8',
    Uint8Array.from({ length: count }, (_, i) => at(i)),
    dims,
  );
}

async function first(
  inputs: readonly InputShape[],
  request: DatasetRequest,
  batchSize = 100,
): Promise<Record<string, Tensor>> {
  const data = await openDataset(inputs, request);
  try {
    for await (const batch of data.batches(batchSize)) return batch.feeds;
    throw new Error('no batch');
  } finally {
    await data.close();
  }
}

describe('openDataset', () => {
  test('bytes become 0..1, channels first, then (x - mean) / std of their channel', async () => {
    const path = await npy(
      'nhwc.npy',
      bytes([1, 2, 2, 3], (i) => (i % 3) * 51),
    );
    const { x } = await first([image], { data: [path], mean: [0, 0.1, 0.2], std: [1, 0.5, 0.25] });
    expect(x?.dims).toEqual([1, 3, 2, 2]);
    // Channel values 0, 0.2 and 0.4 before; float32 carries 24 bits.
    const wanted = [0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8];
    for (const [i, value] of wanted.entries())
      expect(Math.abs(Number(x?.data[i]) - value)).toBeLessThan(2 ** -22);
  });

  test('channels-first data stays as it is', async () => {
    const path = await npy(
      'nchw.npy',
      bytes([2, 3, 2, 2], (i) => i * 5),
    );
    const { x } = await first([image], { data: [path], layout: 'nchw' });
    expect(x?.data[23]).toBe(Math.fround(115 / 255));
  });

  test('channels-first data goes to a channels-last model', async () => {
    const input: InputShape = { name: 'x', dtype: 'uint8', dims: ['N', 2, 2, 3] };
    const { x } = await first([input], { data: [await npy('turn.npy', bytes([1, 3, 2, 2]))] });
    expect([...(x?.data ?? [])]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  });

  test('data that fits both ways asks for the layout', async () => {
    const free: InputShape = { name: 'x', dtype: 'float32', dims: ['N', 'C', 'H', 'W'] };
    const path = await npy('both.npy', bytes([1, 8, 8, 3]));
    await expect(openDataset([free], { data: [path] })).rejects.toThrow(
      /both channels first and channels last[\s\S]*--layout/,
    );
    expect((await first([free], { data: [path], layout: 'nhwc' })).x?.dims).toEqual([1, 3, 8, 8]);
    expect((await first([free], { data: [path], layout: 'nchw' })).x?.dims).toEqual([1, 8, 8, 3]);
  });

  test.each([
    ['a missing channel', [2, 28, 28], ['N', 1, 28, 28], [2, 1, 28, 28]],
    ['flattened images', [2, 28, 28], ['N', 784], [2, 784]],
    ['channels last of one', [2, 28, 28, 1], ['N', 1, 28, 28], [2, 1, 28, 28]],
    ['one sample alone', [1, 28, 28], ['N', 1, 28, 28], [1, 1, 28, 28]],
    ['flat rows', [2, 10], ['N', 10], [2, 10]],
  ])('fits %s', async (_, dims, wanted, got) => {
    const path = await npy(
      'fit.npy',
      bytes(dims, (i) => i & 255),
    );
    const { x } = await first([{ name: 'x', dtype: 'float32', dims: wanted }], { data: [path] });
    expect(x?.dims).toEqual(got);
    expect(x?.data[1]).toBe(Math.fround(1 / 255));
  });

  test('a wrong shape names the file, both shapes and the remedy', async () => {
    const path = await npy(
      'wrong.npy',
      bytes([1, 5, 5, 3], () => 0),
    );
    const promise = openDataset([image], { data: [path] });
    await expect(promise).rejects.toThrow(DataError);
    await expect(promise).rejects.toThrow(
      /wrong\.npy" has shape \[1, 5, 5, 3\]; input "x" takes float32\[N, 3, 2, 2\]\.\n {2}fix: Give \[N, C, H, W\]/,
    );
  });

  test.each<[string, Partial<DatasetRequest>, InputShape, RegExp]>([
    ['two means for three channels', { mean: [0, 0] }, image, /--mean has 2 numbers, .* has 3 channels/],
    ['a mean for integers', { mean: [0] }, { ...image, dtype: 'uint8' }, /takes uint8/],
    ['reals for integers', {}, { ...image, dtype: 'int64' }, /holds float32; input "x" takes int64/],
  ])('refuses %s', async (_, options, input, message) => {
    const path = await npy('f32.npy', new Tensor('float32', new Float32Array(12), [1, 3, 2, 2]));
    await expect(openDataset([input], { data: [path], ...options })).rejects.toThrow(message);
  });

  test('batches cover every sample once, in order, with its label', async () => {
    const path = await npy('rows.npy', bytes([7, 1]));
    const labels = await npy('labels.npy', bytes([7]));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), async (batchSize) => {
        const data = await openDataset([{ name: 'x', dtype: 'uint8', dims: ['N', 1] }], {
          data: [path],
          labels,
        });
        const seen: number[] = [];
        for await (const batch of data.batches(batchSize)) {
          expect(batch.labels).toEqual(Int32Array.from(batch.feeds['x']?.data as Uint8Array));
          seen.push(...(batch.labels ?? []));
        }
        await data.close();
        expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
      }),
      { numRuns: 9 },
    );
  });

  test('a fixed batch size is kept, and what is left over is said', async () => {
    const data = await openDataset([{ name: 'x', dtype: 'uint8', dims: [3, 1] }], {
      data: [await npy('seven.npy', bytes([7, 1]))],
    });
    expect([data.count, data.notes]).toEqual([
      6,
      ['The model takes batches of 3: the last 1 samples are left out.'],
    ]);
    for await (const { feeds } of data.batches(64)) expect(feeds['x']?.dims).toEqual([3, 1]);
    await data.close();
  });

  test('labels must be as many as samples', async () => {
    const path = await npy('rows.npy', bytes([7, 1]));
    const labels = await npy('six.npy', bytes([6]));
    const input: InputShape = { name: 'x', dtype: 'uint8', dims: ['N', 1] };
    await expect(openDataset([input], { data: [path], labels })).rejects.toThrow(
      /6 labels for the 7 samples/,
    );
  });

  test('several inputs come from an npz by name, or from files named for them', async () => {
    const ids = new Tensor('int64', BigInt64Array.of(1n, 2n), [2, 1]);
    const mask = new Tensor('uint8', Uint8Array.of(1, 0), [2, 1]);
    const inputs: InputShape[] = [
      { name: 'ids', dtype: 'int64', dims: ['N', 'S'] },
      { name: 'mask', dtype: 'float32', dims: ['N', 'S'] },
    ];
    const npz = join(folder, 'two.npz');
    await writeFile(npz, encodeNpz({ ids, mask }));
    const fromNpz = await first(inputs, { data: [npz] });
    const fromFiles = await first(inputs, {
      data: [`ids=${await npy('ids.npy', ids)}`, `mask=${await npy('mask.npy', mask)}`],
    });
    expect(fromNpz['ids']?.data).toEqual(ids.data);
    expect(fromFiles).toEqual(fromNpz);
    const alone = await npy('ids.npy', ids);
    await expect(openDataset(inputs, { data: [alone] })).rejects.toThrow(/does not say which/);
    await expect(openDataset(inputs, { data: [`ids=${alone}`] })).rejects.toThrow(
      /no array for input "mask"/,
    );
  });
});

describe('image folders', () => {
  const red = { r: 255, g: 0, b: 0, alpha: 1 };

  async function images(name: string, size = 4): Promise<string> {
    const path = join(folder, name);
    await mkdir(path, { recursive: true });
    const create = { width: size, height: size, channels: 4 as const, background: red };
    await writeFile(join(path, 'b.PNG'), await sharp({ create }).png().toBuffer());
    await writeFile(
      join(path, 'a.jpg'),
      await sharp({ create: { ...create, channels: 3, background: 'black' } })
        .jpeg()
        .toBuffer(),
    );
    await writeFile(join(path, 'labels.txt'), '4\n2\n');
    return path;
  }

  test('are decoded by name, resized to the input, and labelled by labels.txt', async () => {
    const data = await openDataset([image], { data: [await images('plain', 9)] });
    expect([data.count, data.labels]).toEqual([2, Int32Array.of(4, 2)]);
    for await (const { feeds } of data.batches(2)) {
      expect(feeds['x']?.dims).toEqual([2, 3, 2, 2]);
      expect([...(feeds['x']?.data ?? [])]).toEqual([...Array(12).fill(0), 1, 1, 1, 1, ...Array(8).fill(0)]);
    }
    await data.close();
  });

  test('become gray for a model of one channel', async () => {
    const gray: InputShape = { name: 'x', dtype: 'uint8', dims: ['N', 1, 4, 4] };
    expect((await first([gray], { data: [await images('gray')] })).x?.dims).toEqual([2, 1, 4, 4]);
  });

  test('keep the size of the first where the model leaves it open, or take --size', async () => {
    const open: InputShape = { name: 'x', dtype: 'float32', dims: ['N', 3, 'H', 'W'] };
    const data = [await images('open', 6)];
    expect((await first([open], { data })).x?.dims).toEqual([2, 3, 6, 6]);
    expect((await first([open], { data, size: { height: 32, width: 64 } })).x?.dims).toEqual([2, 3, 32, 64]);
  });

  test('a cut image, an empty folder and a model without images are refused by name', async () => {
    const path = await images('bad', 64);
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: red } })
      .png()
      .toBuffer();
    await writeFile(join(path, 'b.PNG'), whole.subarray(0, whole.length - 30));
    const promise = first([image], { data: [path] });
    await expect(promise).rejects.toThrow(FormatError);
    await expect(promise).rejects.toThrow(/b\.PNG" can't be decoded/);
    await mkdir(join(folder, 'empty'));
    await expect(openDataset([image], { data: [join(folder, 'empty')] })).rejects.toThrow(/holds no \.png/);
    const flat: InputShape = { name: 'x', dtype: 'float32', dims: ['N', 784] };
    await expect(openDataset([flat], { data: [path] })).rejects.toThrow(/takes no images/);
  });
});
