import { readFileSync, writeFileSync } from 'node:fs';
import { parseRecipe, recipeSchema, stepsOf } from '@espalier/core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { passPlugins } from '../src/presets.js';
import { recipes } from '../src/recipes.js';

const file = new URL('../schema/recipe.schema.json', import.meta.url);
let isRecipe: ValidateFunction;

beforeAll(() => {
  if (process.env['ESPALIER_UPDATE'] === '1') {
    writeFileSync(file, `${JSON.stringify(recipeSchema(passPlugins), null, 2)}\n`);
  }
  isRecipe = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published());
});

test('the published schema is what the option tables give', () => {
  expect(published(), 'ESPALIER_UPDATE=1 rewrites it').toEqual(
    JSON.parse(JSON.stringify(recipeSchema(passPlugins))),
  );
});

test.each(recipes.map((recipe) => ({ name: recipe.name, recipe })))(
  'the recipe $name agrees with the published schema',
  ({ recipe }) => {
    expect(isRecipe(recipe), JSON.stringify(isRecipe.errors)).toBe(true);
  },
);

describe('the schema and the reader of recipes', () => {
  const recipesOf = (steps: unknown): unknown => ({ steps });
  const accepted: readonly [string, unknown][] = [
    ['a pass by name', recipesOf(['fuse'])],
    ['an option for each operator', recipesOf([{ pass: 'prune', options: { density: { Conv: 0.5 } } }])],
    [
      'a schema, a seed and data',
      { $schema: 'x.json', seed: 7, data: { calibration: 'x.npy' }, steps: ['fuse'] },
    ],
  ];
  test.each(accepted)('accept %s', (_, recipe) => {
    expect(isRecipe(recipe), JSON.stringify(isRecipe.errors)).toBe(true);
    expect(read(recipe)).not.toThrow();
  });

  const refused: readonly [string, unknown][] = [
    ['no steps', {}],
    ['an empty list of steps', recipesOf([])],
    ['an unknown key', { steps: ['fuse'], extra: 1 }],
    ['an unknown role of data', { steps: ['fuse'], data: { test: 'x.npy' } }],
    ['an unknown option', recipesOf([{ pass: 'prune', options: { sparsity: 0.5 } }])],
    ['an option out of range', recipesOf([{ pass: 'prune', options: { density: 0 } }])],
    ['an option of the wrong type', recipesOf([{ pass: 'huffman', options: { maxBits: '12' } }])],
    ['a fraction for a whole number', recipesOf([{ pass: 'share-weights', options: { bits: 2.5 } }])],
    ['a word that is no choice', recipesOf([{ pass: 'quantize', options: { mode: 'int4' } }])],
  ];
  test.each(refused)('refuse %s', (_, recipe) => {
    expect(isRecipe(recipe)).toBe(false);
    expect(read(recipe)).toThrow();
  });
});

function read(recipe: unknown): () => void {
  return () => stepsOf(parseRecipe(recipe), passPlugins);
}

function published(): object {
  return JSON.parse(readFileSync(file, 'utf8')) as object; // a schema that is no object fails to compile
}
