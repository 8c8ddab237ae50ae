import { fileURLToPath } from 'node:url';
import { modulesOfPage, type PageWeight, weighPage } from '@espalier/config/page-weight';
import { beforeAll, expect, test } from 'vitest';

/** Behind brotli, one binary of the kernels among it: all that most networks of convolutions load. */
const LIMIT_BYTES = 90_000;
/**
 * With all operators, threads, TensorFlow Lite's rules, 16-bit activations and codes of run-time ranges with their binaries, and what
 * simplifies raw files: more than any one model loads.
 */
const LIMIT_WITH_OPERATORS = 147_200;

let weight: PageWeight;

beforeAll(async () => {
  weight = await weighPage(fileURLToPath(new URL('run-only-page.ts', import.meta.url)));
  for (const { name, bytes, brotli, onDemand, parts } of weight.files) {
    const shares = parts.map((part) => `${part.name} ${part.brotli}`).join(', ');
    console.log(`${name}${onDemand ? ' (on demand)' : ''}: ${bytes} bytes, brotli ${brotli}: ${shares}`);
  }
  console.log(
    `loaded ${weight.loaded} of ${LIMIT_BYTES}, with operators ${weight.everything} of ${LIMIT_WITH_OPERATORS}`,
  );
});

test('a page that runs .espalier files weighs no more than 90 KB', () => {
  expect(weight.loaded).toBeLessThanOrEqual(LIMIT_BYTES);
  expect(weight.everything).toBeLessThanOrEqual(LIMIT_WITH_OPERATORS);
});

test('plain operators are loaded on demand', () => {
  const later = weight.files.filter(({ onDemand }) => onDemand).flatMap(({ parts }) => parts);
  expect(later.map(({ name }) => name)).toContain('runtime');
  expect(weight.loaded).toBeLessThan(weight.everything - 15_000);
});

test('what only compressing needs is left out', () => {
  const parts = new Set(weight.files.flatMap((file) => file.parts.map(({ name }) => name)));
  for (const name of ['tsyringe', 'reflect-metadata', '@bufbuild/protobuf', 'onnx', 'presets']) {
    expect(parts.has(name), name).toBe(false);
  }
});

test('a page that compresses loads what retrains on demand, and one that runs models never', async () => {
  const modules = (entry: string) => modulesOfPage(fileURLToPath(new URL(entry, import.meta.url)));
  const retraining = /\/(train\/src\/trainer|kernels\/src\/train-loader|kernels\/src\/gen\/train-wasm)\.ts$/;
  const compressing = await modules('page-entry.ts');
  expect(compressing.atOnce.filter((id) => retraining.test(id))).toEqual([]);
  expect(compressing.onDemand.filter((id) => retraining.test(id))).toHaveLength(3);
  const running = await modules('run-only-page.ts');
  const all = [...running.atOnce, ...running.onDemand];
  expect(all.filter((id) => /\/train\/src\//.test(id) || retraining.test(id))).toEqual([]);
});
