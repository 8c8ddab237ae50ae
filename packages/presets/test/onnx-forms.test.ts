import { createRandom, type Model, memoryDataset, Tensor, toNumbers, verify } from '@espalier/core';
import { readOnnx, writeOnnx } from '@espalier/onnx';
import { quantize } from '@espalier/plugin-quantize';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';
import { Choices, randomNetwork } from './random-network.js';

function noise(): Tensor {
  const random = createRandom(4);
  const values = Float32Array.from({ length: 60 }, () => 2 * random.next() - 1);
  return new Tensor('float32', values, [1, 4, 3, 5]);
}

async function results(model: Model): Promise<readonly (readonly number[])[]> {
  const session = await InferenceSession.create(model);
  const outputs = await session.run({ x: noise() });
  await session.release();
  return model.graph.outputs.map(({ name }) => Array.from(toNumbers(outputs[name] as Tensor)));
}

const names = ({ graph }: Model): readonly string[] =>
  graph.nodes
    .flatMap(({ outputs }) => outputs.flatMap((value) => (value === null ? [] : [value.name])))
    .sort();

test('random networks in int8 go out as ONNX in either form, and are the same when they are read', {
  timeout: 120_000,
}, async () => {
  const compressor = createCompressor();
  const data = { calibration: memoryDataset('noise', { x: noise() }) };
  const choices = fc.array(fc.nat(1000), { minLength: 6, maxLength: 80, size: 'max' });
  await fc.assert(
    fc.asyncProperty(choices, async (numbers) => {
      const original = randomNetwork(new Choices(numbers));
      const steps = [quantize({ batchSize: 1 })];
      const { model } = await compressor.run(original, steps, { data, driftSamples: 0 });
      const expected = await results(model);
      for (const quantized of ['qdq', 'qoperator'] as const) {
        const again = await readOnnx(writeOnnx(model, { quantized }));
        verify(again);
        expect(await results(again)).toEqual(expected);
        const twice = await readOnnx(writeOnnx(again, { quantized }));
        expect(names(twice)).toEqual(names(again));
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
});
