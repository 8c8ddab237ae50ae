import { type Dataset, elementCount, type Model, Tensor } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { InferenceSession } from '@espalier/runtime';
import { readBaseline } from '../lenet/baselines.js';

import { answersOf, compareAnswers } from '../lenet/evaluate.js';
import { lenet300 } from '../lenet/models.js';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist } from '../mnist/mnist.js';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import { formatCount, type Reproduction } from '../table.js';

type Options = Readonly<Record<string, unknown>>;

const fourBits: Options = { mode: 'weight-only', bits: 4 };

/** One row of the table each: options of `quantize`; null for none of it. */
type Row = readonly [name: string, options: Options | null];

const ofMatrices: readonly Row[] = [
  ['float32', null],
  ['float16', { mode: 'float16' }],
  ['int8 static', { mode: 'static' }],
  ['int8 dynamic', { mode: 'dynamic' }],
  ['int8 weights', { mode: 'weight-only' }],
  ['4-bit weights', fourBits],
  ['4-bit weights, groups of 32', { ...fourBits, groupSize: 32 }],
  ['4-bit weights, groups of 32, adaptive', { ...fourBits, groupSize: 32, rounding: 'adaptive' }],
  ['3-bit weights, groups of 32, adaptive', { ...fourBits, bits: 3, groupSize: 32, rounding: 'adaptive' }],
];

const ofConvolutions: readonly Row[] = [
  ['float32', null],
  ['int8 static', { mode: 'static' }],
  ['int8 dynamic', { mode: 'dynamic' }],
  ["int8 dynamic, LiteRT's ranges", { mode: 'dynamic', requantization: 'tflite' }],
  ['int8 weights', { mode: 'weight-only' }],
];

/** A network, what it is measured on, and the forms that it is brought into. */
interface Subject {
  readonly name: string;
  readonly model: Model;
  readonly test: Dataset;
  readonly calibration: Dataset;
  readonly rows: readonly Row[];
  /** Samples at a time, of the columns with times. */
  readonly batches: readonly number[];
}

async function subjects(): Promise<readonly Subject[]> {
  const mnist = await loadMnist();
  const { model: digits } = await readBaseline(lenet300);
  const { model: images } = await createCompressor().run(await resnet20(), {
    steps: ['fuse', 'fold-batch-norm'],
  });
  return [
    {
      ...{ name: 'LeNet-300-100', model: digits, rows: ofMatrices, batches: [1, 64] },
      test: new DigitDataset(mnist.test, lenet300.input),
      calibration: new DigitDataset(mnist.train, lenet300.input),
    },
    {
      ...{ name: 'ResNet-20', model: images, rows: ofConvolutions, batches: [1, 16] },
      test: resnet20Images('test'),
      calibration: resnet20Images('calib', 256),
    },
  ];
}

/** LeNet-300-100 in every form that `quantize` has, without retraining, and ResNet-20 where convolutions make a difference. */
export async function reproduceForms(): Promise<Reproduction> {
  const compressor = createCompressor();
  const format = compressor.formats.find(({ name }) => name === 'espalier');
  const results = [];
  for (const { name, model: original, test, calibration, rows, batches } of await subjects()) {
    const reference = await answersOf(original, test);
    for (const [form, options] of rows) {
      const steps = options === null ? [] : [{ pass: 'quantize', options }];
      const { model } = await compressor.run(original, { steps }, { data: { calibration }, driftSamples: 0 });
      const answers = await answersOf(model, test);
      const { agreement, outputSqnrDb } = compareAnswers(reference, answers);
      const microseconds = [];
      for (const batch of batches) microseconds.push(await microsecondsOf(model, batch));
      const fileBytes = format?.write?.(model).length ?? 0;
      const right = answers.right / test.count;
      results.push({ network: name, row: form, right, agreement, outputSqnrDb, fileBytes, microseconds });
      console.error(`${name}, ${form} done`);
    }
  }
  return {
    title: 'LeNet-300-100 in every form of quantization, and ResNet-20',
    notes: [
      'On the 10,000 MNIST test images, and on 2,000 of CIFAR-10; ranges and moments are measured on 256 images of the training set, where the form needs any. Bytes are those of whole `.espalier` files, without an entropy coder.',
      'The range of "int8 dynamic" is that of a whole batch, of 500 images here; LiteRT\'s are those of images and rows. "Same" counts images with the class that the float network gives; SQNR is that of the scores. Times are of one image, alone and in a batch (64 digits, 16 pictures), one thread of Node, the least of 20 rounds; they are the machine\'s.',
    ],
    head: ['network', 'form', 'right', 'same', 'SQNR', 'file bytes', 'µs alone', 'µs in a batch'],
    cells: results.map(({ network, row, right, agreement, outputSqnrDb, fileBytes, microseconds }) => [
      network,
      row,
      `${(right * 100).toFixed(2)} %`,
      `${(agreement * 100).toFixed(2)} %`,
      Number.isFinite(outputSqnrDb) ? `${outputSqnrDb.toFixed(1)} dB` : '',
      formatCount(fileBytes),
      ...microseconds.map((time) => time.toFixed(1)),
    ]),
    data: results,
  };
}

/** Of one sample in a batch of so many: the least of some rounds. */
async function microsecondsOf(model: Model, batch: number): Promise<number> {
  const session = await InferenceSession.create(model);
  const [input] = model.graph.inputs;
  const dims = [batch, ...(input?.type?.dims ?? []).slice(1).map(Number)];
  const size = elementCount(dims);
  const values = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 256) / 255);
  const feeds = { [input?.name ?? '']: new Tensor('float32', values, dims) };
  const runs = Math.max(Math.ceil((256 * 784) / size), 1);
  let least = Infinity;
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) await session.run(feeds);
    least = Math.min(least, performance.now() - start);
  }
  await session.release();
  return (least * 1000) / runs / batch;
}
