import { describe, expect, test } from 'vitest';
import { canExclude, excludeLayer, includeLayer, isExcluded } from './exclude.js';
import { moveStep, recipeFrom, stepState, stepsFrom, withOption } from './steps.js';

describe('cards', () => {
  test('are the steps of a recipe that its data call for', () => {
    const recipe = {
      steps: [
        'fuse',
        { pass: 'prune', when: 'train' as const },
        { pass: 'prune', unless: 'train' as const, options: { density: 0.3 } },
      ],
    };
    const steps = stepsFrom(recipe, ['holdout']);
    expect(recipeFrom(steps, 'a')).toEqual({
      name: 'a',
      steps: ['fuse', { pass: 'prune', options: { density: 0.3 } }],
    });
    expect(stepsFrom(recipe, ['train']).map(({ pass }) => pass)).toEqual(['fuse', 'prune']);
  });

  test('move to a place, and stay where there is none', () => {
    const steps = ['a', 'b', 'c'].map((pass) => stepState(pass));
    const names = (from: number, to: number): string =>
      moveStep(steps, from, to)
        .map(({ pass }) => pass)
        .join('');
    expect([names(0, 2), names(2, 0), names(1, 1), names(0, 3), names(0, -1)]).toEqual([
      'bca',
      'cab',
      'abc',
      'abc',
      'abc',
    ]);
  });

  test('leave out what is as by default', () => {
    expect(withOption({ bits: 4 }, 'bits', 6, 6)).toEqual({});
    expect(withOption({}, 'bits', 4, 6)).toEqual({ bits: 4 });
    expect(withOption({ a: 1 }, 'bits', { Conv: 8 }, 6)).toEqual({ a: 1, bits: { Conv: 8 } });
  });
});

describe('a layer left alone', () => {
  const steps = [
    stepState('prune', { by: 'deviation', quality: 0.25 }),
    stepState('share-weights', { bits: { Conv: 8, default: 5 } }),
    stepState('quantize'),
    stepState('huffman'),
  ];

  test('is told to each pass in its own way, and taken back', () => {
    const excluded = excludeLayer(steps, 'fc1.weight');
    expect(excluded.map(({ options }) => options)).toEqual([
      { by: 'deviation', quality: { 'fc1.weight': 0, default: 0.25 } },
      { bits: { 'fc1.weight': 8, Conv: 8, default: 5 } },
      { exclude: ['fc1.weight'] },
      {},
    ]);
    expect([
      isExcluded(steps, 'fc1.weight'),
      isExcluded(excluded, 'fc1.weight'),
      isExcluded(excluded, 'fc2.weight'),
    ]).toEqual([false, true, false]);
    expect(includeLayer(excluded, 'fc1.weight')).toEqual(steps);
    expect(canExclude([stepState('huffman')])).toBe(false);
  });
});
