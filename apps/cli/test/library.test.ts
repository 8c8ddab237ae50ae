import { describe, expect, test } from 'vitest';
import {
  compress,
  EspalierError,
  InferenceSession,
  memoryDataset,
  printModel,
  readModel,
  Tensor,
  writeModel,
} from '../src/index.js';
import { tinyModel } from './tiny-model.js';

const steps = { steps: [{ pass: 'prune', options: { density: 0.5 } }, 'huffman'] };
const x = new Tensor(
  'float32',
  Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)),
  [1, 3, 8, 8],
);

describe('the one import for all', () => {
  test('compresses bytes to bytes that run', async () => {
    const { bytes, report } = await compress(writeModel(tinyModel(), 'onnx'), steps, {
      data: { holdout: memoryDataset('x', { x }) },
    });
    expect(bytes.length).toBe(report.sizeBytesAfter);
    expect(report.sizeBytesAfter).toBeLessThan(report.sizeBytesBefore);
    const session = await InferenceSession.create(bytes);
    const outputs = await session.run({ x });
    expect(Object.values(outputs)[0]?.dims).toEqual([1, 5]);
  });

  test('a session takes the bytes of any format, and gives the same for each', async () => {
    const results = [];
    for (const source of [tinyModel(), writeModel(tinyModel(), 'onnx'), writeModel(tinyModel())]) {
      const session = await InferenceSession.create(source);
      results.push(Object.values(await session.run({ x }))[0]?.data);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('models go through ONNX unchanged', async () => {
    const model = await readModel(writeModel(tinyModel(), 'onnx'));
    expect(printModel(model)).toContain('Conv(x, conv.weight');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['bytes that are no model', () => readModel(Uint8Array.of(1, 2, 3, 4))],
    ['an unknown format', async () => writeModel(tinyModel(), 'tflight')],
    ['an unknown recipe', () => compress(tinyModel(), 'int9')],
    ['bytes that are no model, for a session', () => InferenceSession.create(Uint8Array.of(0))],
  ])('%s are an EspalierError', async (_, attempt) => {
    await expect(attempt()).rejects.toBeInstanceOf(EspalierError);
  });
});
