import { describe, expect, test } from 'vitest';
import { OptionsError } from '../errors/errors.js';
import { defineOptions } from '../options/options.js';
import { definePassPlugin } from '../plugin/plugin.js';
import { parseRecipe, stepsOf } from './recipe.js';

const plugins = ['light', 'heavy', 'code'].map((id) =>
  definePassPlugin({ id, about: `The pass ${id}.`, options: defineOptions({}), register() {} }),
);

describe('a step with a condition', () => {
  const recipe = parseRecipe({
    steps: [{ pass: 'light', unless: 'train' }, { pass: 'heavy', when: 'train' }, 'code'],
  });
  const taken = (data: Parameters<typeof stepsOf>[2]): readonly string[] =>
    stepsOf(recipe, plugins, data).map(({ pass }) => pass);

  test('is taken with the data that it names, or without them', () => {
    expect(taken({ train: {} })).toEqual(['heavy', 'code']);
    expect(taken({ holdout: {} })).toEqual(['light', 'code']);
    expect(taken(undefined)).toEqual(['light', 'code']);
  });

  test('is checked whether it is taken or not', () => {
    const other = parseRecipe({ steps: [{ pass: 'havy', when: 'train' }, 'code'] });
    expect(() => stepsOf(other, plugins)).toThrow(/Did you mean "heavy"/);
  });

  test('names a role of data', () => {
    const parse = (): unknown => parseRecipe({ steps: [{ pass: 'heavy', when: 'test' }] });
    expect(parse).toThrow(OptionsError);
    expect(parse).toThrow(/"when" names no role of data/);
  });
});
