import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OptionsError, parseRecipe, type Recipe } from '@espalier/core';
import { readWhole } from './data/byte-source.js';

/** A recipe that is looked for where the command runs, when none is named. */
export const defaultRecipeFile = 'espalier.config.json';

/** Whether `--recipe` names a file rather than a recipe that is registered. */
export function isRecipePath(name: string): boolean {
  return name.endsWith('.json') || name.includes('/') || name.includes('\\');
}

/**
 * Reads a recipe file; its data paths are made relative to it.
 *
 * @throws {OptionsError} when it is no JSON, or no recipe
 */
export async function readRecipe(path: string): Promise<Recipe> {
  const text = new TextDecoder().decode(await readWhole(path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new OptionsError({
      what: `The recipe is no JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      where: path,
      fix: 'Write { "steps": [ "prune", … ] }.',
      cause,
    });
  }
  const recipe = parseRecipe(json, path);
  if (recipe.data === undefined) return recipe;
  const data = Object.entries(recipe.data).map(([role, file]) => [role, resolve(dirname(path), file)]);
  return { ...recipe, data: Object.fromEntries(data) };
}

/** The recipe file beside the user, if there is one. */
export function recipeFileHere(): string | null {
  return existsSync(defaultRecipeFile) ? defaultRecipeFile : null;
}
