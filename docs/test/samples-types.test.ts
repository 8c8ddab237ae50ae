import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/repository.js';
import { checkTypes } from './samples/check-types.js';
import { documents, runElsewhere } from './samples/documents.js';
import { readSamples, type Sample } from './samples/read-samples.js';

const code = documents.flatMap(readSamples).filter(({ language }) => language === 'ts' || language === 'js');

test('every code sample of the READMEs and guides is right for TypeScript', () => {
  expect(code.length).toBeGreaterThan(30);
  expect(checkTypes(code)).toEqual([]);
});

test('what is wrong is told by file and line', () => {
  const sample: Sample = {
    file: 'docs/guide/x.md',
    line: 10,
    language: 'ts',
    name: null,
    text: "import { prune } from 'espalier';\n\nprune({ densty: 0.5 });\n",
  };
  expect(checkTypes([sample])).toEqual([
    expect.stringMatching(/^docs\/guide\/x\.md:12: error TS2561: .*densty/),
  ]);
});

test('JSON samples that are recipes or manifests parse', () => {
  const json = documents.flatMap(readSamples).filter(({ language }) => language === 'json');
  expect(json.length).toBeGreaterThan(3);
  for (const { file, line, text } of json) expect(() => JSON.parse(text), `${file}:${line}`).not.toThrow();
});

test.each(Object.entries(runElsewhere))('%s is run by %s', (file, folder) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(existsSync(join(root, folder, 'package.json'))).toBe(true);
});
