import type { Recipe } from '@espalier/core';
import { layerDensity } from '../preview/layer-density.js';
import type { Setting } from '../preview/layer-preview.js';

/** The layers that the sliders work on. */
export const layerNames: readonly string[] = ['fc1.weight', 'fc2.weight', 'fc3.weight'];

function densitiesOf(density: number): Readonly<Record<string, number>> {
  return Object.fromEntries(layerNames.map((name, i) => [name, layerDensity(density, i)]));
}

/** The setting as a recipe: what the command runs. */
export function recipeOf({ density, bits, init }: Setting): Recipe {
  return {
    name: 'digit',
    about: 'Made in the playground.',
    steps: [
      ...(density < 1 ? [{ pass: 'prune', options: { density: densitiesOf(density) } }] : []),
      { pass: 'share-weights', options: { bits, ...(init === 'linear' ? {} : { init }) } },
      'huffman',
    ],
  };
}
