import { readModel, stepsOf, toFloat32 } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { beforeAll, describe, expect, test } from 'vitest';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist, type Mnist, slice } from '../mnist/mnist.js';
import { readRecipe } from '../read-recipe.js';
import { readBaseline } from './baselines.js';
import { type Chain, runChain } from './chain.js';
import { errorPercent } from './evaluate.js';
import { lenet300, networks } from './models.js';
import { lenetTables } from './recipes.js';
import { pageOf, resultOf } from './reproduce-lenet.js';

const compressor = createCompressor();
const augment = { shift: 1, dims: [1, 28, 28] };

describe('a recipe of a few epochs on some hundred digits', () => {
  const messages: string[] = [];
  let mnist: Mnist;
  let chain: Chain;

  beforeAll(async () => {
    const all = await loadMnist();
    mnist = {
      train: slice(all.train, 'few', 0, 1920),
      validation: slice(all.validation, 'few', 0, 200),
      test: slice(all.test, 'few', 0, 300),
    };
    const { model } = await readBaseline(lenet300);
    const steps = [
      { pass: 'prune', options: { density: { Gemm: 0.1 }, retrain: { epochs: 3, ramp: 0.4, augment } } },
      { pass: 'share-weights', options: { bits: 3, biasBits: 3, finetune: { epochs: 1 } } },
      'huffman',
    ];
    const log = (message: string): void => void messages.push(message);
    chain = await runChain(model, steps, { network: lenet300, mnist, seed: 1, log });
  });

  test('gives the model behind each pass, smaller and smaller', () => {
    expect(chain.stages.map(({ step }) => step)).toEqual(['float32', 'prune', 'share-weights', 'huffman']);
    const bytes = chain.stages.map(({ fileBytes }) => fileBytes);
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
    expect(bytes.slice(1)).toEqual(chain.report.passes.map(({ sizeBytes }) => sizeBytes));
    expect(messages.filter((line) => line.startsWith('prune: '))).toHaveLength(1);
  });

  test('counts what each layer keeps, and in how many values', () => {
    const last = chain.stages.at(-1);
    expect(last?.layers.map(({ kept }) => kept)).toEqual([23_520, 3000, 100]);
    for (const weight of last?.model.weights() ?? [])
      expect(new Set(toFloat32(weight.decode())).size).toBeLessThanOrEqual(1 + 8);
  });

  test('tells the errors of the files as they were written', async () => {
    for (const { bytes, fileBytes, errorPercent: told, validationErrorPercent } of chain.stages.slice(1)) {
      expect(bytes.length).toBe(fileBytes);
      const model = await readModel(compressor.container, bytes);
      expect(await errorPercent(model, new DigitDataset(mnist.test, lenet300.input))).toBe(told);
      const validation = new DigitDataset(mnist.validation, lenet300.input);
      expect(await errorPercent(model, validation)).toBe(validationErrorPercent);
      // Nine of ten are wrong by chance.
      expect(told).toBeLessThan(50);
    }
  });

  test('fills a page with rows beside those of the paper', async () => {
    const result = resultOf('lenet-300-100', 7, chain.stages, 4 * 266_200);
    expect(result).toMatchObject({ seed: 7, fileBytes: chain.stages[3]?.fileBytes });
    expect(result.fewerWeights).toBeCloseTo(10, 3);
    expect(result.rows.map(({ layer, keptPercent }) => [layer, Math.round(keptPercent)])).toEqual([
      ['fc1', 10],
      ['fc2', 10],
      ['fc3', 10],
      ['total', 10],
    ]);
    const table = lenetTables['lenet-300-100'] ?? { network: 'lenet-300-100', title: '' };
    const page = pageOf(table, await readRecipe('lenet-300-100'), [result, result], 4 * 266_200);
    expect(page.cells.map(([seed]) => seed)).toEqual(['7', '7', 'mean ± spread']);
    expect(page.sections?.[0]?.cells).toHaveLength(4);
    // The paper keeps 8, 9 and 26 %.
    expect(page.sections?.[1]?.cells.map((cells) => cells[2])).toEqual([
      '10.0 % (8 %)',
      '10.0 % (9 %)',
      '10.0 % (26 %)',
      '10.0 % (8 %)',
    ]);
    expect(page.figures?.[0]?.svg).toContain('Deep Compression, 2016');
  });
});

test.each([...Object.keys(lenetTables), 'headline'])(
  'recipes/%s.json is one that the command takes, and names weights that there are',
  async (name) => {
    const recipe = await readRecipe(name);
    expect(recipe.name).toBe(name);
    const network = networks[lenetTables[name]?.network ?? 'lenet-300-100'];
    const data = new DigitDataset((await loadMnist()).validation, network.input);
    const steps = stepsOf(recipe, compressor.passes, { train: data, calibration: data });
    const known = network
      .build(1)
      .weights()
      .map((weight) => weight.name);
    for (const { options } of steps) {
      const density = (options as { readonly density?: unknown }).density;
      if (typeof density === 'object' && density !== null)
        for (const key of Object.keys(density)) expect([...known, 'default']).toContain(key);
    }
  },
);
