import { expect, test } from 'vitest';
import { asMarkdown, asText } from './table.js';

const made = {
  title: 'T',
  notes: ['N.'],
  head: ['what', 'bytes'],
  cells: [
    ['a', '1,000'],
    ['bcdefg', '2'],
  ],
  data: [],
};

test('text has its numbers to the right', () => {
  expect(asText(made)).toBe('T\n\nwhat    bytes\n------  -----\na       1,000\nbcdefg      2');
});

test('a page names the command that makes it', () => {
  expect(asMarkdown(made, 'npm run x')).toBe(
    '# T\n\nN.\nMade by `npm run x`.\n\n| what | bytes |\n| --- | ---: |\n| a | 1,000 |\n| bcdefg | 2 |\n',
  );
});
