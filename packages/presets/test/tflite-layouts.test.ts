import { createRandom, type Model, memoryDataset, Tensor, toNumbers, verify } from '@espalier/core';
import { quantize } from '@espalier/plugin-quantize';
import { InferenceSession } from '@espalier/runtime';
import { readTflite, writeTflite } from '@espalier/tflite';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';
import { startLiteRt } from './litert.js';
import { Choices, randomNetwork } from './random-network.js';

// Files hold images in another order than the IR, and leave out steps that only move elements: what is written is read
// again, and run by LiteRT too.

type Results = readonly (readonly number[])[];

let liteRt: Awaited<ReturnType<typeof startLiteRt>>;
beforeAll(async () => {
  liteRt = await startLiteRt();
}, 60_000);

function noise(): Tensor {
  const random = createRandom(4);
  const values = Float32Array.from({ length: 60 }, () => 2 * random.next() - 1);
  return new Tensor('float32', values, [1, 4, 3, 5]);
}

async function ours(model: Model): Promise<Results> {
  const session = await InferenceSession.create(model);
  const results = await session.run({ x: noise() });
  await session.release();
  return model.graph.outputs.map(({ name }) => Array.from(toNumbers(results[name] as Tensor)));
}

async function theirs(file: Uint8Array, { graph }: Model): Promise<Results> {
  const loaded = await liteRt.load(file);
  const results = await loaded.run(
    [noise()],
    graph.outputs.map(() => 'float32' as const),
  );
  loaded.release();
  return results.map((values) => Array.from(values, Number));
}

function expectNear(actual: Results, expected: Results, tolerance: number): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const found = actual.flat();
  for (const [i, value] of expected.flat().entries())
    expect(Math.abs(value - (found[i] ?? Number.NaN))).toBeLessThanOrEqual(tolerance);
}

const choices = fc.array(fc.nat(1000), { minLength: 6, maxLength: 80, size: 'max' });

test('whatever moves elements about, a written file computes the same', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(choices, async (numbers) => {
      const model = randomNetwork(new Choices(numbers));
      verify(model);
      const expected = await ours(model);
      const file = writeTflite(model);
      const again = readTflite(file);
      verify(again);
      expectNear(await ours(again), expected, 1e-5);
      expectNear(await theirs(file, model), expected, 1e-5);
    }),
    { numRuns: 60 },
  );
});

test('so it does in int8 by the rule of LiteRT', { timeout: 120_000 }, async () => {
  const compressor = createCompressor();
  const data = { calibration: memoryDataset('noise', { x: noise() }) };
  const steps = [quantize({ batchSize: 1, requantization: 'tflite' })];
  await fc.assert(
    fc.asyncProperty(choices, async (numbers) => {
      const original = randomNetwork(new Choices(numbers));
      const { model } = await compressor.run(original, steps, { data, driftSamples: 0 });
      const expected = await ours(model);
      const file = writeTflite(model);
      const again = readTflite(file);
      verify(again);
      expectNear(await ours(again), expected, 1e-5);
      // It rounds a code apart now and then, of which a Softmax or a product makes more.
      const largest = Math.max(...expected.flat().map(Math.abs));
      expectNear(await theirs(file, model), expected, largest / 20);
    }),
    { numRuns: 40 },
  );
});
