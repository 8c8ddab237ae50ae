import { type Recipe, recipeSchema } from '@espalier/core';
import type { Command } from 'commander';
import { namedRecipe } from '../named-recipe.js';
import { formatTable } from '../output/table.js';
import { compressorFor } from '../plugins.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';

interface RecipesFlags {
  readonly schema?: boolean;
}

/** `espalier recipes [NAME]` */
export function addRecipes(program: Command, run: Run): void {
  program
    .command('recipes')
    .summary('list recipes, or print one to make your own of')
    .description('Lists the recipes, or prints one as JSON: save it, change it, and pass it with --recipe.')
    .argument('[name]', 'recipe to print')
    .option('--schema', 'print the JSON schema of recipe files')
    .action(run<RecipesFlags>((session, [name], flags) => recipes(session, name, flags)));
}

async function recipes(session: Session, name: string | undefined, flags: RecipesFlags): Promise<void> {
  const compressor = await compressorFor(session);
  if (flags.schema || name !== undefined) {
    const json = flags.schema ? recipeSchema(compressor.passes) : namedRecipe(compressor, name ?? '');
    session.print(json, () => `${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  session.print(compressor.recipes, () =>
    formatTable(
      [{ title: 'recipe' }, { title: 'passes' }, { title: 'what for', flexible: true }],
      compressor.recipes.map(({ name: title = '', about = '', steps }) => [
        title,
        passNames(steps).join(', '),
        about,
      ]),
      session.width,
    ),
  );
}

/** The passes of a recipe, each once: one that depends on the data has a step for each case. */
function passNames(steps: Recipe['steps']): readonly string[] {
  return [...new Set(steps.map((step) => (typeof step === 'string' ? step : step.pass)))];
}
