import { onnxFormat, writeOnnx } from '@espalier/onnx';
import { parseModel } from '@espalier/plugin-kit';
import { registerEspalier } from '@espalier/runtime/onnxruntime';
import * as ort from 'onnxruntime-common';
import { expect, test } from 'vitest';

test('code written for ONNX Runtime runs on the execution provider "espalier"', async () => {
  registerEspalier(ort, { formats: [onnxFormat] });
  const model = parseModel(`
    input x: float32[N, 2]
    constant w: float32[2, 2] = [1, 2, 3, 4]
    y = MatMul(x, w)
    output y
  `);
  const session = await ort.InferenceSession.create(writeOnnx(model), { executionProviders: ['espalier'] });
  expect(session.inputNames).toEqual(['x']);
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 1, 0, 2), [2, 2]) });
  expect(y).toBeInstanceOf(ort.Tensor);
  expect(y?.dims).toEqual([2, 2]);
  expect(Array.from(y?.data as Float32Array)).toEqual([4, 6, 6, 8]);
  await session.release();
});
