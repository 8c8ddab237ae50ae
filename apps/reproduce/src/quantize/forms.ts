import { type Model, Tensor } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { InferenceSession } from '@espalier/runtime';
import { readBaseline } from '../lenet/baselines.js';

import { answersOf, compareAnswers } from '../lenet/evaluate.js';
import { lenet300 } from '../lenet/models.js';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist } from '../mnist/mnist.js';
import { formatCount, type Reproduction } from '../table.js';

type Options = Readonly<Record<string, unknown>>;

const fourBits: Options = { mode: 'weight-only', bits: 4 };

/** One row of the table each: options of `quantize`; null for none of it. */
const rows: readonly (readonly [name: string, options: Options | null])[] = [
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

/** Digits at a time, of the columns with times. */
const batches: readonly number[] = [1, 64];

/** LeNet-300-100 in every form that `quantize` has, without retraining. */
export async function reproduceForms(): Promise<Reproduction> {
  const compressor = createCompressor();
  const format = compressor.formats.find(({ name }) => name === 'espalier');
  const { model: original } = await readBaseline(lenet300);
  const mnist = await loadMnist();
  const test = new DigitDataset(mnist.test, lenet300.input);
  const reference = await answersOf(original, test);
  const results = [];
  for (const [row, options] of rows) {
    const steps = options === null ? [] : [{ pass: 'quantize', options }];
    const data = { calibration: new DigitDataset(mnist.train, lenet300.input) };
    const { model } = await compressor.run(original, { steps }, { data, driftSamples: 0 });
    const answers = await answersOf(model, test);
    const { agreement, outputSqnrDb } = compareAnswers(reference, answers);
    const microseconds = [];
    for (const batch of batches) microseconds.push(await microsecondsOf(model, batch));
    const fileBytes = format?.write?.(model).length ?? 0;
    results.push({ row, right: answers.right, agreement, outputSqnrDb, fileBytes, microseconds });
    console.error(`${row} done`);
  }
  return {
    title: 'LeNet-300-100 in every form of quantization',
    notes: [
      'On the 10,000 MNIST test images; ranges and moments are measured on 256 digits of the training set, where the form needs any. Bytes are those of whole `.espalier` files, without an entropy coder.',
      '"Same" counts digits with the class that the float network gives; SQNR is that of the scores. Times are of one digit, alone and in a batch of 64, one thread of Node, the least of 20 rounds; they are the machine\'s.',
    ],
    head: ['form', 'right', 'same', 'SQNR', 'file bytes', 'µs alone', 'µs in 64'],
    cells: results.map(({ row, right, agreement, outputSqnrDb, fileBytes, microseconds }) => [
      row,
      `${(right / 100).toFixed(2)} %`,
      `${(agreement * 100).toFixed(2)} %`,
      Number.isFinite(outputSqnrDb) ? `${outputSqnrDb.toFixed(1)} dB` : '',
      formatCount(fileBytes),
      ...microseconds.map((time) => time.toFixed(1)),
    ]),
    data: results,
  };
}

/** Of one digit in a batch of so many: the least of some rounds. */
async function microsecondsOf(model: Model, batch: number): Promise<number> {
  const session = await InferenceSession.create(model);
  const input = session.inputNames[0] ?? '';
  const pixels = Float32Array.from({ length: batch * 784 }, (_, i) => ((i * 7919) % 256) / 255);
  const feeds = { [input]: new Tensor('float32', pixels, [batch, 784]) };
  const runs = Math.ceil(256 / batch);
  let least = Infinity;
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) await session.run(feeds);
    least = Math.min(least, performance.now() - start);
  }
  return (least * 1000) / runs / batch;
}
