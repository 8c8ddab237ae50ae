import { type Compressor, nearest, OptionsError, type Recipe } from '@espalier/core';

/** A recipe by name. @throws {OptionsError} with the names there are */
export function namedRecipe(compressor: Compressor, name: string): Recipe {
  const found = compressor.recipes.find((recipe) => recipe.name === name);
  if (found !== undefined) return found;
  const names = compressor.recipes.flatMap((recipe) => recipe.name ?? []);
  const guess = nearest(name, names);
  throw new OptionsError({
    what: `There is no recipe "${name}".`,
    fix: `${guess === null ? '' : `Did you mean "${guess}"? `}Known: ${names.join(', ') || 'none'}; or name a .json file.`,
  });
}
