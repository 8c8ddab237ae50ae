import { codebook, dense, gapsOf, packed, sparse, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { layerCosts, totalCost, weightCount } from './layer-cost.js';
import { lenet5, lenet300 } from './models.js';

test.each([
  [lenet300, 266_200],
  [lenet5, 430_500],
])('$title has as many weights as the papers say', (network, count) => {
  expect(weightCount(network.build(1))).toBe(count);
});

test('a dense model keeps all and takes 4 bytes a weight', () => {
  for (const row of layerCosts(lenet300.build(1))) {
    expect(row).toMatchObject({ kept: row.weights, weightBits: 32, indexBits: 0, ratePercent: 100 });
  }
});

test('bits of values, places and codebook are told apart, and add up', () => {
  const model = lenet300.build(1);
  const weight = model.weights().at(-1);
  if (weight === undefined) throw new Error('no weights');
  // 100 of 1,000 kept, 9 zeros before each; 4 shared values.
  const places = Uint32Array.from({ length: 100 }, (_, i) => 10 * i + 9);
  const gaps = packed(new Tensor('uint8', gapsOf(places, 1000, 15)), 4);
  const indices = packed(
    new Tensor(
      'uint8',
      Uint8Array.from(places, (_, i) => i % 4),
    ),
    2,
  );
  const centroids = dense(new Tensor('float32', Float32Array.of(-2, -1, 1, 2)));
  model.replaceWeight(weight, sparse(gaps, codebook(centroids, indices), [10, 100], 15));

  const rows = layerCosts(model);
  const row = rows.at(-1);
  expect(row).toMatchObject({ weights: 1000, kept: 100, codebookBytes: 16 });
  // Each stream has a byte that tells its width.
  expect(row?.weightBits).toBe(2 + 8 / 100);
  expect(row?.indexBits).toBe(4 + 8 / 100);
  const spent = ((2 + 4) * 100) / 8 + 16;
  expect(row?.bytes).toBeGreaterThanOrEqual(spent);
  expect(row?.bytes).toBeLessThan(spent + 12); // counts and widths
  const total = totalCost(rows);
  expect(total).toMatchObject({ weights: 266_200, kept: 266_200 - 900 });
  expect(total.bytes).toBe(rows.reduce((sum, { bytes }) => sum + bytes, 0));
});
