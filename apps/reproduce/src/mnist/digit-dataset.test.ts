import type { Batch } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { DigitDataset } from './digit-dataset.js';
import { type Digits, loadMnist, PIXELS } from './mnist.js';

/** Ten images; pixel p of image i is (i + p) modulo 256. */
const digits: Digits = {
  name: 'ten',
  count: 10,
  pixels: Uint8Array.from({ length: 10 * PIXELS }, (_, i) => Math.floor(i / PIXELS) + (i % PIXELS)),
  labels: Int32Array.from({ length: 10 }, (_, i) => i),
};
const feed = { input: 'x', dims: [1, 28, 28] };

async function all(data: DigitDataset, batchSize: number): Promise<readonly Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of data.batches(batchSize)) batches.push(batch);
  return batches;
}

const labelsOf = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ labels }) => [...(labels ?? [])]);

describe('DigitDataset', () => {
  test('feeds bytes as 0 to 1, in order, the last batch smaller', async () => {
    const batches = await all(new DigitDataset(digits, feed), 4);
    expect(batches.map(({ count }) => count)).toEqual([4, 4, 2]);
    expect(batches[2]?.feeds['x']?.dims).toEqual([2, 1, 28, 28]);
    expect(labelsOf(batches)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batches[1]?.feeds['x']?.data[1]).toBe(Math.fround(5 / 255));
  });
});

test('MNIST is the one that everybody means, in three parts without overlap', async () => {
  const { train, validation, test: held } = await loadMnist();
  expect([train.count, validation.count, held.count]).toEqual([55_000, 5000, 10_000]);
  expect(train.pixels.length + validation.pixels.length).toBe(60_000 * PIXELS);
  expect(train.pixels.byteOffset + train.pixels.length).toBe(validation.pixels.byteOffset);
  const counts = new Array<number>(10).fill(0);
  for (const label of held.labels) counts[label] = (counts[label] ?? 0) + 1;
  // Known counts of the test set's digits.
  expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
});
