import { createRequire } from 'node:module';
import { writeEspalier } from '@espalier/container';
import { Graph, ints, Model, Tensor } from '@espalier/core';
import { writeOnnx } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import { expect, test, vi } from 'vitest';
import '../src/onnxruntime.js';
import { classify } from './image-classifier.js';

/** The mean of each colour: which of them a picture has most of. */
function colours(): Model {
  const graph = new Graph('colours');
  const image = graph.addInput('image', { dtype: 'float32', dims: ['N', 3, 'H', 'W'] });
  const same = graph.constant(
    new Tensor('float32', Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3, 1, 1]),
    'same',
  );
  const conv = graph.apply({
    op: 'Conv',
    inputs: [image, same],
    attributes: { kernel_shape: ints([1, 1]) },
  });
  const pooled = graph.apply({ op: 'GlobalAveragePool', inputs: [conv] });
  graph.addOutput(
    graph.apply({ op: 'Flatten', inputs: [pooled] }, 'logits', { dtype: 'float32', dims: ['N', 3] }),
  );
  return new Model(graph);
}

/** One red, one green, one blue picture of 4 x 4. */
const pictures = Uint8Array.from({ length: 3 * 48 }, (_, i) => (i % 3 === Math.floor(i / 48) ? 255 : 0));

test.each([
  { format: 'ONNX', bytes: writeOnnx(colours()) },
  { format: '.espalier', bytes: writeEspalier(colours()) },
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
