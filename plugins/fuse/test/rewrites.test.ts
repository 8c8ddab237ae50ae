import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rewriteNames } from '../src/index.js';
import { rounds } from '../src/rewrites.js';

const folder = new URL('./fixtures/', import.meta.url);
const fixtures = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
// The formatter pads the cells of a table.
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ');

test.each(rewriteNames)('%s has a fixture that it changes', (name) => {
  expect(fixtures.some((text) => text.includes(`# rewrites.${name}: `))).toBe(true);
});

test('the README tells what each rewrite does', () => {
  for (const { name, about } of rounds.flat()) expect(readme).toContain(`| \`${name}\` | ${about} |`);
});

test('names are unique', () => {
  expect(new Set(rewriteNames).size).toBe(rewriteNames.length);
});
