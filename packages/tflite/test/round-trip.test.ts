import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { verify } from '@espalier/core';
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

/** Operators that are not read, a scale of Softmax that becomes a Mul of its own, slices from the end that are counted from the front. */
const others = /lstm|audio_preprocessor|seanet\/quantize|softmax_beta_half|seanet\/strided_slice/;
describe.skipIf(!areThere)('a file that is read, written and read again is the same model', () => {
  const files = areThere
    ? ['models/', 'conformance/tflite/'].flatMap((folder) => filesBelow(new URL(folder, shared)))
    : [];
  const names = files.map((file) => file.pathname).filter((name) => !others.test(name));

  test(`${names.length} files`, { timeout: 180_000 }, () => {
    expect(names.length).toBeGreaterThan(200);
    for (const name of names) {
      const model = readTflite(new Uint8Array(readFileSync(name)), { name });
      const again = readTflite(writeTflite(model), { name: `${name}, written again` });
      verify(again);
      expect(outline(again), name).toEqual(outline(model));
    }
  });
});
