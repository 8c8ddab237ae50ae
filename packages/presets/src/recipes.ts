import { definePlugin, type Plugin, RECIPE, type Recipe } from '@espalier/core';
import { deepCompression } from './recipes/deep-compression.js';
import { float16 } from './recipes/float16.js';
import { int8 } from './recipes/int8.js';
import { int8Tflite } from './recipes/int8-tflite.js';
import { smallest } from './recipes/smallest.js';

/** The recipes that come with Espalier. */
export const recipes: readonly Recipe[] = [int8, int8Tflite, float16, deepCompression, smallest];

/** Registers them by name. */
export const recipesPlugin: Plugin = definePlugin({
  id: 'recipes',
  register(container) {
    for (const recipe of recipes) container.register(RECIPE, { useValue: recipe });
  },
});
