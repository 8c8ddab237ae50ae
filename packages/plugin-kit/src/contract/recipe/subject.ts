import type { PassPlugin, Recipe } from '@espalier/core';

/** A recipe, and the passes there are. */
export interface RecipeSubject {
  readonly recipe: Recipe;
  readonly passes: readonly PassPlugin[];
}
