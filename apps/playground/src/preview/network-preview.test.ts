import { readFile } from 'node:fs/promises';
import { bestClasses, type Model, Tensor, toFloat32 } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { createCompressor } from '@espalier/presets';
import { InferenceSession } from '@espalier/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { exampleStrokes } from '../digit/example-strokes.js';
import { recipeOf } from '../digit/slider-recipe.js';
import { toDigit } from '../digit/strokes.js';
import { denseLayers } from '../studio/dense-layers.js';
import type { Setting } from './layer-preview.js';
import { NetworkPreview } from './network-preview.js';

let model: Model;
beforeAll(async () => {
  model = await readOnnx(
    await readFile(new URL('../../../reproduce/models/lenet-300-100.onnx', import.meta.url)),
  );
});

const settings: readonly Setting[] = [
  { density: 1, bits: 8, init: 'linear' },
  { density: 0.3, bits: 4, init: 'linear' },
  { density: 0.5, bits: 2, init: 'density' },
];

describe('the preview of a setting', () => {
  test.each(settings)('is what the passes make: %o', async (setting) => {
    const preview = new NetworkPreview(denseLayers(model));
    preview.set(setting);
    const { model: made } = await createCompressor().run(model, recipeOf(setting), {
      seed: 1,
      reportWeights: false,
    });
    const session = await InferenceSession.create(made);
    for (const [digit, strokes] of exampleStrokes.entries()) {
      const pixels = toDigit(strokes) ?? new Float32Array(784);
      const shares = preview.classify(pixels);
      const [scores] = Object.values(await session.run({ image: new Tensor('float32', pixels, [1, 784]) }));
      const best = scores && bestClasses(scores, 1)?.[0];
      expect(shares.indexOf(Math.max(...shares)), `digit ${digit}`).toBe(best);
    }
    // As many weights are left, but for the width of a step where they are told apart.
    for (const [i, weight] of made.weights().entries()) {
      const kept = toFloat32(weight.decode()).filter((value) => value !== 0).length;
      const shown = preview.look(i)?.picture.filter((shade) => shade !== 0).length ?? 0;
      expect(Math.abs(shown - kept) / kept, weight.name).toBeLessThan(0.01);
    }
  });

  test('has the centroids of the pass, near enough for a picture', async () => {
    const setting: Setting = { density: 0.3, bits: 3, init: 'linear' };
    const preview = new NetworkPreview(denseLayers(model));
    preview.set(setting);
    const { model: made } = await createCompressor().run(model, recipeOf(setting), {
      seed: 1,
      reportWeights: false,
    });
    const exact = [
      ...new Set(toFloat32(made.weights()[0]?.decode() ?? new Tensor('float32', new Float32Array()))),
    ]
      .filter((value) => value !== 0)
      .sort((a, b) => a - b);
    const look = preview.look(0);
    expect(look?.centroids).toHaveLength(exact.length);
    const width = (look?.most ?? 0) - (look?.least ?? 0);
    for (const [i, centroid] of exact.entries())
      expect(Math.abs((look?.centroids[i] ?? 0) - centroid) / width).toBeLessThan(0.02);
  });
});
