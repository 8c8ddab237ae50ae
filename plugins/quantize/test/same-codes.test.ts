import { Compressor, type Dataset, type Model, toFloat32 } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { InferenceSession } from '@espalier/runtime';
import {
  adam,
  collectSamples,
  type Loss,
  meanSquaredError,
  type Samples,
  Trainer,
  type TrainerOptions,
} from '@espalier/train';
import { expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { cifar, cifarIsThere, resnetBytes } from './support/cifar.js';
import { runtime } from './support/samples.js';

/** Images that are trained on, and compared. */
const COUNT = 24;

/** Trains by the squared error; tells of each sample how far the farthest output is from its target. */
const farthest: Loss = {
  ...meanSquaredError(),
  record(step, call) {
    meanSquaredError().record(step, call);
    const { count, width, output, targets, losses } = call;
    const distances = step.scratch(count * width * 4);
    const size = count * width;
    step.call('subF32', [1, size, output, targets, size, 1, distances, -Infinity, Infinity]);
    step.call('unaryF32', [ABS, size, distances, distances, 0, 0]);
    step.call('reduceF32', [MAX, count, width, 1, distances, losses]);
  },
};
/** Numbers of `unaryF32` and `reduceF32`. */
const [ABS, MAX] = [17, 2];

let quantized: Model | null = null;

async function quantizedResNet(): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtime, foldBatchNorm, quantize] });
  const { model } = await compressor.run(
    await readOnnx(resnetBytes()),
    [foldBatchNorm(), quantize({ bits: 4, samples: 32 })],
    { data: { calibration: cifar('calib') }, driftSamples: 0, reportWeights: false },
  );
  return model;
}

function firstOf(data: Dataset): Dataset {
  return { ...data, count: COUNT, batches: (size) => data.batches(size, COUNT) };
}

/** With what a session computes as targets. */
async function withTargets(model: Model, data: Dataset): Promise<Samples> {
  const session = await InferenceSession.create(model);
  const outputs: number[] = [];
  for await (const { feeds } of data.batches(COUNT)) {
    const { logits } = await session.run(feeds);
    if (logits !== undefined) outputs.push(...toFloat32(logits));
  }
  const { inputs } = await collectSamples(data);
  return {
    ...{ name: 'images', count: COUNT, inputs, labels: null },
    targets: { data: Float32Array.from(outputs), dims: [10] },
  };
}

test.skipIf(!cifarIsThere).each(['learned', 'moving-average', 'fixed'] as const)(
  'ResNet-20 computes in training, with %s ranges, what int8 kernels compute after',
  { timeout: 120_000 },
  async (ranges) => {
    quantized ??= await quantizedResNet();
    const model = quantized.clone();
    const images = firstOf(cifar('calib'));
    const original = await withTargets(await readOnnx(resnetBytes()), images);
    const options: TrainerOptions = { loss: farthest, optimizer: adam({ learningRate: 1e-3 }), ranges };
    const trainer = await Trainer.create(model, { ...options, batchSize: 8 });
    await trainer.fit(original, { epochs: 1 });
    trainer.writeBack();

    const session = await InferenceSession.create(model);
    expect(session.plan.map(({ implementation }) => implementation)).toEqual(
      session.plan.map(() => 'int8'),
    );
    const after = await withTargets(model, images);
    const scale = model.graph.value('logits')?.type?.quantization?.scale[0] ?? 0;
    let most = 0;
    const all: number[] = [];
    for (let i = 0; i < COUNT; i++) {
      all.push((await trainer.evaluate(sampleOf(after, i))).loss / scale);
      most = Math.max(most, (all.at(-1) ?? 0) * scale);
    }
    console.log(all.map((x) => x.toFixed(1)).join(' '));
    console.log(`${ranges}: the farthest output is ${(most / scale).toFixed(2)} units away`);
    expect(most / scale).toBeLessThan(1.01);
    trainer.release();
  },
);

function sampleOf(samples: Samples, i: number): Samples {
  const part = (array: Samples['targets']) => {
    if (array === null) return null;
    const size = array.dims.reduce((a, b) => a * b, 1);
    return { ...array, data: array.data.subarray(i * size, (i + 1) * size) };
  };
  const inputs = Object.fromEntries(
    Object.entries(samples.inputs).flatMap(([name, array]) => {
      const one = part(array);
      return one === null ? [] : [[name, one]];
    }),
  );
  return { ...samples, count: 1, inputs, targets: part(samples.targets) };
}
