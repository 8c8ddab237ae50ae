import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable } from '@espalier/core';
import { expect, test } from 'vitest';
import { passPlugins } from '../src/presets.js';

const update = process.env['ESPALIER_UPDATE'] === '1';
const passes = passPlugins.map(({ id, options }) => ({ id, options }));

/** Passes whose folder has another name: that of the plugin they belong to. */
const folders: Readonly<Record<string, string>> = { 'prune-channels': 'prune', 'remove-dead-units': 'prune' };

/** The section of a pass where a README tells of several; the whole README otherwise. */
function sectionOf(readme: string, id: string): string {
  const start = readme.indexOf(`\n## ${id}\n`);
  return start < 0 ? (readme.split('\n## ')[0] ?? '') : (readme.slice(start + 1).split('\n## ')[0] ?? '');
}

/** The table whose first column is headed "option". */
const optionTables = /^\| option .*(?:\n\|.*)+/gm;

const withOptions = passes.filter(({ options }) => Object.keys(options.table).length > 0);

test.each(withOptions)('the README of $id has the option table that its options give', ({ id, options }) => {
  const file = new URL(`../../../plugins/${folders[id] ?? id}/README.md`, import.meta.url);
  const readme = readFileSync(file, 'utf8');
  const section = sectionOf(readme, id);
  const table = optionsTable(options);
  if (update)
    writeFileSync(
      file,
      readme.replace(section, () => section.replace(optionTables, () => table)),
    );
  const found = sectionOf(update ? readFileSync(file, 'utf8') : readme, id).match(optionTables);
  expect(found, 'ESPALIER_UPDATE=1 rewrites it').toEqual([table]);
});

test.each(passes)('every option of $id says what it does', ({ options }) => {
  const silent = Object.entries<{ about: string }>(options.table).filter(([, { about }]) => about === '');
  expect(silent.map(([name]) => name)).toEqual([]);
});
