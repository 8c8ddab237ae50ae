import { fileURLToPath } from 'node:url';
import { type PageWeight, weighPage } from '@espalier/config/page-weight';
import { beforeAll, expect, test } from 'vitest';

/** Behind brotli: with one binary of the kernels and every plain operator, the most that a model can load. */
const LIMIT_BYTES = 90_000;

let weight: PageWeight;

beforeAll(async () => {
  weight = await weighPage(fileURLToPath(new URL('run-only-page.ts', import.meta.url)));
  for (const { name, bytes, brotli, onDemand, parts } of weight.files) {
    const shares = parts.map((part) => `${part.name} ${part.brotli}`).join(', ');
    console.log(`${name}${onDemand ? ' (on demand)' : ''}: ${bytes} bytes, brotli ${brotli}: ${shares}`);
  }
  console.log(`loaded ${weight.loaded}, everything ${weight.everything}, of ${LIMIT_BYTES} bytes`);
});

test('a page that runs .espalier files weighs no more than 90 KB, whatever operators they have', () => {
  expect(weight.everything).toBeLessThanOrEqual(LIMIT_BYTES);
});

test('plain operators are loaded on demand', () => {
  const later = weight.files.filter(({ onDemand }) => onDemand).flatMap(({ parts }) => parts);
  expect(later.map(({ name }) => name)).toEqual(['runtime']);
  expect(weight.loaded).toBeLessThan(weight.everything - 15_000);
});

test('what only compressing needs is left out', () => {
  const parts = new Set(weight.files.flatMap((file) => file.parts.map(({ name }) => name)));
  for (const name of ['tsyringe', 'reflect-metadata', '@bufbuild/protobuf', 'onnx', 'presets']) {
    expect(parts.has(name), name).toBe(false);
  }
});
