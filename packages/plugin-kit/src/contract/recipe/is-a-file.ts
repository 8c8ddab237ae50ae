import { isDeepStrictEqual } from 'node:util';
import { parseRecipe, stepsOf } from '@espalier/core';
import type { Clause } from '../clause.js';
import type { RecipeSubject } from './subject.js';

/** `espalier recipes NAME` prints it: saved, it is a recipe file that runs. */
export const isAFile: Clause<RecipeSubject> = {
  name: 'is-a-file',
  promise: 'it says what it is for, comes back from JSON, and its steps are passes with options they take',
  fix: 'Name it, write a sentence in `about`, and give the kit the `plugins` whose passes it uses.',
  breach({ recipe, passes }) {
    if (recipe.name === undefined || recipe.about === undefined) return 'it has no "name" or no "about"';
    const back = parseRecipe(JSON.parse(JSON.stringify(recipe)), recipe.name);
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(back)), { ...recipe })) return 'JSON loses a part of it';
    stepsOf(back, passes);
    return null;
  },
};
