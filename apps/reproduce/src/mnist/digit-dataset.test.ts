import type { Batch } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { DigitDataset, shiftInto } from './digit-dataset.js';
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

  test('varied: each image once a time, another order each time, the same for the same seed', async () => {
    const twice = async (): Promise<number[][]> => {
      const data = new DigitDataset(digits, feed, { seed: 1, shift: 0 });
      return [labelsOf(await all(data, 3)), labelsOf(await all(data, 3))];
    };
    const [first, second] = await twice();
    expect(first?.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(second).not.toEqual(first);
    expect(await twice()).toEqual([first, second]);
  });
});

test.each([
  [0, 0],
  [2, 0],
  [-2, 1],
  [1, -2],
])('an image moved by %i, %i has each pixel there, or background', (right, down) => {
  const image = Uint8Array.from({ length: PIXELS }, (_, i) => 1 + (i % 255));
  const out = new Float32Array(PIXELS);
  shiftInto(out, image, right, down);
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      const [fromX, fromY] = [x - right, y - down];
      const inside = fromX >= 0 && fromX < 28 && fromY >= 0 && fromY < 28;
      expect(out[28 * y + x]).toBe(inside ? Math.fround((image[28 * fromY + fromX] ?? 0) / 255) : 0);
    }
  }
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
