import type { Recipe, RecipeStep } from '@espalier/core';
import { recipes } from '@espalier/presets';
import { readText } from '../repository.js';
import { escapeText, type GeneratedPage, page, table } from './page.js';

/** A row of docs/results/resnet20.json. */
interface Measured {
  readonly row: string;
  readonly right: number;
  readonly of: number;
  readonly fileBytes: number;
  readonly ratio: number;
}

/** The recipes that have names, each with its steps and what it made of ResNet-20. */
export function recipesPage(): GeneratedPage {
  const measured = JSON.parse(readText('docs/results/resnet20.json')) as readonly Measured[];
  return page(
    'recipes.md',
    { title: 'Recipes', description: 'The pipelines that have names, step by step.' },
    `# Recipes

A recipe is a list of passes with a name. The command, the playground and code share it.

${recipes.map((recipe) => section(recipe, measured)).join('\n\n')}

## Your own

A recipe is a JSON file. Print one to start from, change it, and pass it by its name:

\`\`\`sh
npx espalier recipes smallest > recipe.json
npx espalier compress model.onnx -o model.espalier --recipe recipe.json
\`\`\`

A step is the name of a pass, or a pass with options. \`when\` and \`unless\` name a role of data (\`train\`, \`calibration\`,
\`holdout\`): the step is taken only where the run has such data, or only where it has none. \`plugins\` lists packages of other authors,
\`data\` the data sets by role, \`seed\` what all randomness comes from. In a folder with an \`espalier.config.json\`, \`compress\`
without \`--recipe\` takes that. An editor checks recipes against [the schema](/packages/presets#recipes-in-an-editor), and
\`npx espalier recipes --schema\` prints one that knows your plugins, too.
`,
  );
}

function section(recipe: Recipe, measured: readonly Measured[]): string {
  const name = recipe.name ?? '';
  const row = measured.find((candidate) => candidate.row === `recipe ${name}`);
  const result =
    row === undefined
      ? ''
      : `On ResNet-20 ${row.fileBytes.toLocaleString('en-US')} bytes, ${row.ratio.toFixed(2)} times smaller, ${row.right} of ${row.of} test images
right ([all rows](/results/resnet20); \`npm run -s reproduce -- resnet20\`).`;
  return `## ${name}

${escapeText(recipe.about ?? '')}

\`\`\`sh
npx espalier compress model.onnx -o model${extensionOf(recipe)} --recipe ${name}${needsCalibration(recipe) ? ' --calibration images/' : ''}
\`\`\`

${table(['pass', 'taken', 'options'], recipe.steps.map(stepRow))}

${result}`;
}

/** Whether it measures activations, which `quantize` does where nothing else is said. */
function needsCalibration({ steps }: Recipe): boolean {
  return steps.some(
    (step) =>
      typeof step !== 'string' &&
      step.pass === 'quantize' &&
      (step.options?.['mode'] ?? 'static') === 'static',
  );
}

/** The format a recipe is for: one that rounds by LiteRT's rule is for its files. */
function extensionOf({ steps }: Recipe): string {
  const isForTflite = steps.some(
    (step) => typeof step !== 'string' && step.options?.['requantization'] === 'tflite',
  );
  return isForTflite ? '.tflite' : '.espalier';
}

function stepRow(step: RecipeStep): readonly string[] {
  const { pass, when, unless, options = {} } = typeof step === 'string' ? { pass: step } : step;
  const taken =
    when !== undefined
      ? `with \`${when}\` data`
      : unless !== undefined
        ? `without \`${unless}\` data`
        : 'always';
  const given = Object.entries(options).map(([key, value]) => `\`${key}: ${JSON.stringify(value)}\``);
  return [`[${pass}](/plugins/${pass})`, taken, given.join(' ') || 'as they are'];
}
