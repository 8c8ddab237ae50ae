import { Compressor, type Dataset, type Model, type RequantizationRule, toFloat32 } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { parseModel } from '@espalier/plugin-kit';
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
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { cifar, cifarIsThere, resnetBytes } from './support/cifar.js';
import { runtime } from './support/samples.js';

/** Images that are trained on, and compared. */
const COUNT = 16;

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

async function quantized(model: Model, requantization: RequantizationRule = 'onnx'): Promise<Model> {
  const options = { bits: 4, samples: 32, requantization } as const;
  const compressor = new Compressor({ plugins: [runtime, foldBatchNorm, quantize] });
  const result = await compressor.run(model, [foldBatchNorm(), quantize(options)], {
    data: { calibration: cifar('calib') },
    driftSamples: 0,
    reportWeights: false,
  });
  return result.model;
}

function mixed(): Model {
  return parseModel(`
    input input: float32[N, 3, 32, 32]
    constant w1: float32[16, 3, 3, 3] = random(1, -0.3, 0.3)
    constant b1: float32[16] = random(2)
    a = Conv(input, w1, b1) { strides: [2, 2], pads: [1, 1, 1, 1] }
    r = Relu(a)
    constant w2: float32[16, 1, 3, 3] = random(3)
    d = Conv(r, w2) { pads: [1, 1, 1, 1], group: 16 }
    s = Sigmoid(d)
    m = Mul(d, s)
    e = Add(m, r)
    p = MaxPool(e) { kernel_shape: [2, 2], strides: [2, 2] }
    constant w3: float32[8, 16, 3, 3] = random(4, -0.2, 0.2)
    c = Conv(p, w3) { pads: [1, 1, 1, 1] }
    h = HardSwish(c)
    j = Concat(h, p) { axis: 1 }
    v = AveragePool(j) { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }
    constant w5: float32[24, 12, 3, 3] = random(7, -0.2, 0.2)
    constant b5: float32[24] = random(8, -0.1, 0.1)
    k = Conv(v, w5, b5) { pads: [1, 1, 1, 1], group: 2 }
    constant low: float32[] = [0]
    constant high: float32[] = [0.7]
    z = Clip(k, low, high)
    constant axes: int64[2] = [2, 3]
    u = ReduceMean(z, axes) { keepdims: 0 }
    g = GlobalAveragePool(j)
    f = Flatten(g)
    t = Add(f, u)
    constant w4: float32[24, 24] = random(5)
    constant b4: float32[24] = random(6)
    o = Gemm(t, w4, b4) { transB: 1 }
    constant w6: float32[24, 10] = random(9)
    logits = MatMul(o, w6)
    output logits
  `);
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

/** How far the farthest output of each image is from what a session computes, in units of the output's scale. */
async function distancesAfterTraining(
  model: Model,
  original: Model,
  ranges: NonNullable<TrainerOptions['ranges']>,
): Promise<readonly number[]> {
  const images = firstOf(cifar('calib'));
  const options: TrainerOptions = { loss: farthest, optimizer: adam({ learningRate: 1e-3 }), ranges };
  const trainer = await Trainer.create(model, { ...options, batchSize: 8 });
  await trainer.fit(await withTargets(original, images), { epochs: 1 });
  trainer.writeBack();

  const session = await InferenceSession.create(model);
  expect(session.plan.map(({ implementation }) => implementation)).toEqual(session.plan.map(() => 'int8'));
  const after = await withTargets(model, images);
  const scale = model.graph.outputs[0]?.type?.quantization?.scale[0] ?? 0;
  const distances: number[] = [];
  for (let i = 0; i < COUNT; i++) distances.push((await trainer.evaluate(sampleOf(after, i))).loss / scale);
  trainer.release();
  return distances;
}

/** No output of any image differs. */
const same = new Array<number>(COUNT).fill(0);

const kinds = ['learned', 'moving-average', 'fixed'] as const;

describe.skipIf(!cifarIsThere)('training computes, with ranges that are', () => {
  test.each(kinds)(
    '%s, what int8 kernels compute after, code for code: a network of all kinds of layers',
    async (ranges) => {
      const distances = await distancesAfterTraining(await quantized(mixed()), mixed(), ranges);
      expect(distances).toEqual(same);
    },
    60_000,
  );

  // Its kernels multiply with fractions of 31 bits and round otherwise: docs/decisions/0028.
  test.each(['tflite', 'tflite-double'] as const)(
    'fixed, what int8 kernels of rule %s compute after, within three units: a network of all kinds of layers',
    async (rule) => {
      const distances = await distancesAfterTraining(await quantized(mixed(), rule), mixed(), 'fixed');
      expect(Math.max(...distances)).toBeLessThan(3.001);
    },
    60_000,
  );

  test('learned, what int8 kernels compute after, code for code: ResNet-20', async () => {
    const original = await readOnnx(resnetBytes());
    const distances = await distancesAfterTraining(await quantized(original), original, 'learned');
    expect(distances).toEqual(same);
  }, 120_000);
});

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
