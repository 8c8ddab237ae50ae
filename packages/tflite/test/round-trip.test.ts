import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { UnsupportedError, verify } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readTflite } from '../src/read-tflite.js';
import { writeTflite } from '../src/write-tflite.js';
import { outline } from './same-model.js';

const shared = new URL('../../../../shared/', import.meta.url);
const areThere = existsSync(shared);

function filesBelow(folder: URL): readonly URL[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tflite'))
    .sort()
    .map((path) => new URL(path, folder));
}

/** Operators that are not read, and a scale of Softmax that becomes a Mul of its own. */
const others = /lstm|audio_preprocessor|seanet\/quantize|softmax_beta_half/;
/** 16-bit codes are computed with as reals where they are written again. */
const wide = /int16|seanet/;

describe.skipIf(!areThere)('a file that is read, written and read again is the same model', () => {
  const files = areThere
    ? ['models/', 'conformance/tflite/'].flatMap((folder) => filesBelow(new URL(folder, shared)))
    : [];
  const names = files.map((file) => file.pathname).filter((name) => !others.test(name) && !wide.test(name));

  test(`${names.length} files`, { timeout: 180_000 }, () => {
    expect(names.length).toBeGreaterThan(100);
    for (const name of names) {
      const model = readTflite(new Uint8Array(readFileSync(name)), { name });
      const again = readTflite(writeTflite(model), { name: `${name}, written again` });
      verify(again);
      expect(outline(again), name).toEqual(outline(model));
    }
  });

  test('16-bit codes are written, or refused by name', () => {
    for (const { pathname } of files.filter(
      (file) => wide.test(file.pathname) && !others.test(file.pathname),
    )) {
      const model = readTflite(new Uint8Array(readFileSync(pathname)));
      try {
        const again = readTflite(writeTflite(model), { name: pathname });
        const edges = (lines: readonly string[]): readonly string[] =>
          lines.filter((line) => /^(in|out)put /.test(line));
        expect(edges(outline(again)).length).toBe(edges(outline(model)).length);
      } catch (error) {
        expect(error, pathname).toBeInstanceOf(UnsupportedError);
      }
    }
  });
});
