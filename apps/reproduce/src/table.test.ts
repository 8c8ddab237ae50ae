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

test('further tables and pictures follow', () => {
  const page = asMarkdown(
    {
      ...made,
      sections: [{ heading: 'More', head: ['a', 'b'], cells: [['c', 'd']] }],
      figures: [{ file: 'f.svg', caption: 'How it goes', svg: '<svg/>' }],
    },
    'npm run x',
  );
  expect(page).toContain('\n## More\n\n| a | b |\n| --- | ---: |\n| c | d |\n\n![How it goes](f.svg)\n');
});
