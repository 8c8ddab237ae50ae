import { createRequire } from 'node:module';
import { writeEspalier } from '@espalier/container';
import { writeOnnx } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import { writeTflite } from '@espalier/tflite';
import { expect, test, vi } from 'vitest';
import '../src/onnxruntime.js';
import { colours } from './colours.js';
import { classify } from './image-classifier.js';

/** One red, one green, one blue picture of 4 x 4. */
const pictures = Uint8Array.from({ length: 3 * 48 }, (_, i) => (i % 3 === Math.floor(i / 48) ? 255 : 0));

test.each([
  { format: 'ONNX', bytes: writeOnnx(colours()) },
  { format: '.espalier', bytes: writeEspalier(colours()) },
  { format: '.tflite', bytes: writeTflite(colours()) },
])('a program for onnxruntime-common runs on Espalier after one import: $format', async ({ bytes }) => {
  const created = vi.spyOn(InferenceSession, 'create');
  const guesses = await classify(bytes, pictures, 4);
  expect(guesses).toEqual([
    { label: 0, logits: [1, -1, -1] },
    { label: 1, logits: [-1, 1, -1] },
    { label: 2, logits: [-1, -1, 1] },
  ]);
  expect(created).toHaveBeenCalledTimes(1);
  created.mockRestore();
});

test('so does one that requires onnxruntime-common, which is another copy of it', async () => {
  const ort = createRequire(import.meta.url)('onnxruntime-common') as typeof import('onnxruntime-common');
  const session = await ort.InferenceSession.create(writeOnnx(colours()), {
    executionProviders: ['espalier'],
  });
  const { logits } = await session.run({
    image: new ort.Tensor('float32', new Float32Array(12).fill(2), [1, 3, 2, 2]),
  });
  expect(logits).toBeInstanceOf(ort.Tensor);
  expect(logits?.data).toEqual(Float32Array.of(2, 2, 2));
});
