import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable } from '@espalier/core';
import { expect, test } from 'vitest';
import { passPlugins } from '../src/presets.js';

const update = process.env['ESPALIER_UPDATE'] === '1';
const passes = passPlugins.map(({ id, options }) => ({ id, options }));

/** The table whose first column is headed "option". */
const optionTables = /^\| option .*(?:\n\|.*)+/gm;

test.each(passes)('the README of $id has the option table that its options give', ({ id, options }) => {
  const file = new URL(`../../../plugins/${id}/README.md`, import.meta.url);
  const readme = readFileSync(file, 'utf8');
  const table = optionsTable(options);
  if (update)
    writeFileSync(
      file,
      readme.replace(optionTables, () => table),
    );
  const found = (update ? readFileSync(file, 'utf8') : readme).match(optionTables);
  expect(found, 'ESPALIER_UPDATE=1 rewrites it').toEqual([table]);
});

test.each(passes)('every option of $id says what it does', ({ options }) => {
  const silent = Object.entries<{ about: string }>(options.table).filter(([, { about }]) => about === '');
  expect(silent.map(([name]) => name)).toEqual([]);
});
