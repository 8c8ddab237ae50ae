import { readFile } from 'node:fs/promises';
import { elementCount, forOp, type PerOp, readModel, stepsOf } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { expect, test } from 'vitest';
import { readRecipe } from '../read-recipe.js';
import { resnet20File } from './resnet20.js';

test('the recipe keeps 30 % of the weights of ResNet-20, names all it means, and every pass takes its options', async () => {
  const compressor = createCompressor();
  const steps = stepsOf(await readRecipe('resnet20-retrained'), compressor.passes, {});
  const options = steps.find(({ pass }) => pass === 'prune')?.options as { density: PerOp<number> }; // checked by stepsOf
  const { density } = options;
  const model = await readModel(compressor.container, await readFile(resnet20File), {
    name: 'resnet20.onnx',
  });
  const weights = model.weights();
  const size = weights.reduce((sum, { encoding }) => sum + elementCount(encoding.dims), 0);
  const kept = weights.reduce(
    (sum, weight) => sum + forOp(density, 1, weight) * elementCount(weight.encoding.dims),
    0,
  );
  expect(kept / size).toBeGreaterThan(0.29);
  expect(kept / size).toBeLessThanOrEqual(0.3);
  const names = new Set(['default', ...weights.map(({ name }) => name)]);
  expect(Object.keys(density).filter((name) => !names.has(name))).toEqual([]);
});
