import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { optionEntries } from '@espalier/core';
import { passPlugins, recipes } from '@espalier/presets';
import { describe, expect, test } from 'vitest';
import { cliPage } from '../src/generate/cli-page.js';
import { readFigures } from '../src/generate/figures.js';
import { resultPages } from '../src/generate/list-pages.js';
import { maskPicture } from '../src/generate/mask-picture.js';
import { pluginPages } from '../src/generate/plugin-pages.js';
import { recipesPage } from '../src/generate/recipes-page.js';
import { publicPackages, readText, root } from '../src/repository.js';

describe('the pages of plugins', () => {
  const pages = pluginPages(publicPackages());
  const all = pages.map(({ text }) => text).join('\n');

  test.each(passPlugins)('tell every option of $id, and what the pass promises', ({ id, options }) => {
    const page = pages.find(({ text }) => text.includes(`| In a recipe | \`"${id}"\` |`));
    expect(page).toBeDefined();
    for (const [name, { about }] of optionEntries(options)) {
      expect(page?.text).toContain(`| \`${name}\` |`);
      expect(page?.text).toContain(about.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
    }
  });

  test('name what a pass runs behind, and what it breaks', () => {
    expect(all).toMatch(/\| Runs after \| .*\[fold-batch-norm\]\(\/plugins\/fold-batch-norm\)/);
    expect(all).toContain('| Breaks | `codebook` |');
  });
});

test('the page of the command has every option that --help prints', async () => {
  const { text } = await cliPage();
  const espalier = join(root, 'apps/cli/dist/cli.js');
  const help = execFileSync(process.execPath, [espalier, 'compress', '--help'], { encoding: 'utf8' });
  const flags = [...help.matchAll(/^ {2}(-.*?)(?: {2,}|\n)/gm)].map(([, flag]) => flag ?? '');
  expect(flags.length).toBeGreaterThan(12);
  for (const flag of flags.filter((known) => known !== '-h, --help')) expect(text).toContain(`\`${flag}\``);
});

test('the page of recipes has all of them, and what each made of ResNet-20', () => {
  const { text } = recipesPage();
  for (const { name = '' } of recipes) expect(text).toContain(`\n## ${name}\n`);
  for (const { name } of readFigures().recipes)
    expect(text).toMatch(new RegExp(`## ${name}\n[^#]*On ResNet-20 [\\d,]+ bytes`));
});

describe('every page of figures', () => {
  const scripts = Object.keys((JSON.parse(readText('package.json')) as { scripts: object }).scripts);

  test.each(resultPages())('$file names a command that there is', ({ command }) => {
    expect(scripts).toContain(/^npm run (?:-s )?(\S+)/.exec(command ?? '')?.[1]);
  });
});

describe('the first page', () => {
  const figures = readFigures();

  test('reads its figures out of results', () => {
    expect(figures.stages.map(({ step }) => step)).toEqual(['float32', 'prune', 'share-weights', 'huffman']);
    expect(figures.recipes.map(({ name }) => name)).toEqual([
      'int8',
      'float16',
      'deep-compression',
      'smallest',
    ]);
    expect(figures.pageWeight.map(({ engine }) => engine.split(' ')[0])).toEqual([
      'Espalier,',
      'Espalier,',
      'LiteRT.js',
      'onnxruntime-web',
    ]);
    for (const { least, most, networks } of figures.speed) {
      expect(networks).toBeGreaterThan(5);
      expect(least).toBeGreaterThan(0);
      expect(most).toBeGreaterThan(least);
    }
  });

  test('has the rows of ResNet-20 that its page has', () => {
    const page = readText('docs/results/resnet20.md');
    for (const { name, right, fileBytes } of figures.recipes)
      expect(page).toContain(`| recipe ${name} | ${right} of 2000 | ${fileBytes.toLocaleString('en-US')} |`);
  });

  test('shows the mask that pruning gives: as many dots as weights are kept', async () => {
    const { svg, weights, kept } = await maskPicture();
    expect(kept).toBe(Math.round(0.08 * weights));
    expect(svg.match(/h0/g)).toHaveLength(kept);
  });
});
