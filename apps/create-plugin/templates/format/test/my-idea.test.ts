import { printModel, verify } from '@espalier/core';
import { checkPlugin } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { myIdea, myIdeaFormat } from '../src/index.js';
import { npy } from './npy.js';

const plain = npy([1, 2, 3, 4, 5, 6], { shape: [3, 2] });

// Every promise that a plugin makes: damaged files are refused and nothing else is thrown, …
checkPlugin(myIdea, {
  files: {
    'my-idea': { 'a matrix': plain, 'one in doubles': npy([0.5, -1], { shape: [1, 2], elementBytes: 8 }) },
  },
});

test('a matrix becomes a layer', async () => {
  const model = await myIdeaFormat.read(plain);
  verify(model);
  await expect(printModel(model)).toMatchFileSnapshot('fixtures/matrix.txt');
});

describe('the same weights come', () => {
  test.each([
    { what: 'from rows', file: plain },
    { what: 'from columns', file: npy([1, 3, 5, 2, 4, 6], { shape: [3, 2], fortranOrder: true }) },
    { what: 'from doubles', file: npy([1, 2, 3, 4, 5, 6], { shape: [3, 2], elementBytes: 8 }) },
    { what: 'from bytes that are not aligned', file: shifted(plain) },
  ])('$what', async ({ file }) => {
    const model = await myIdeaFormat.read(file);
    expect([...(model.weights()[0]?.decode().data ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test.each([
  { what: 'a vector', file: npy([1, 2], { shape: [2] }) },
  { what: 'bytes behind the end', file: Uint8Array.of(...plain, 0) },
])('$what is refused, with what to do', ({ file }) => {
  expect(() => myIdeaFormat.read(file, { name: 'a.npy' })).toThrow(/numpy\.save/);
});

function shifted(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 1);
  larger.set(bytes, 1);
  return larger.subarray(1);
}
