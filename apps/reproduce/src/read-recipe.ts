import { readFile } from 'node:fs/promises';
import { parseRecipe, type Recipe } from '@espalier/core';

/**
 * A recipe of `recipes/`: a file that the command takes too, `espalier compress --recipe FILE --data mnist`.
 *
 * @throws {OptionsError} when it is no recipe
 */
export async function readRecipe(name: string): Promise<Recipe> {
  const file = new URL(`../recipes/${name}.json`, import.meta.url);
  return parseRecipe(JSON.parse(await readFile(file, 'utf8')), `recipes/${name}.json`);
}
