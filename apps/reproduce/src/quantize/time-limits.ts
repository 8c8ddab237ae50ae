import { EXECUTOR, type Executor, type Feeds, type Model, type PassReport } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import { formatCount, type Reproduction } from '../table.js';
import { compareLogits, type LogitsComparison, logitsOf } from './compare-logits.js';

/** One row of the table each: options of `quantize`; null for none of it. */
const rows: readonly (readonly [name: string, options: Readonly<Record<string, unknown>> | null])[] = [
  ['int8', {}],
  ['at most 60 % of the time', { mixed: { maxTimeShare: 0.6 } }],
  ['at most 70 %', { mixed: { maxTimeShare: 0.7 } }],
  ['at most 80 %', { mixed: { maxTimeShare: 0.8 } }],
  ['the fastest that loses no right answer', { mixed: { maxTimeShare: 1, maxAccuracyDrop: 0 } }],
  ['float32', null],
];

interface Row extends LogitsComparison {
  readonly row: string;
  readonly fileBytes: number;
  /** What the pass counted. */
  readonly floatLayers: number;
  readonly wideValues: number;
  readonly ms: number;
}

/** ResNet-20 under limits of time: what is gained by computing some layers in float32 or over 16 bits. */
export async function reproduceTimeLimits(): Promise<Reproduction> {
  const compressor = createCompressor();
  const executor = compressor.container.resolve(EXECUTOR);
  const format = compressor.formats.find(({ name }) => name === 'espalier');
  const simple = await compressor.run(await resnet20(), { steps: ['fuse', 'fold-batch-norm'] });
  const test = resnet20Images('test');
  const reference = await logitsOf(executor, simple.model, test);
  const made: { readonly row: string; readonly model: Model; readonly report: PassReport | null }[] = [];
  for (const [row, options] of rows) {
    const steps = options === null ? [] : [{ pass: 'quantize', options }];
    const data = { calibration: resnet20Images('calib') };
    const run = { data, driftSamples: 0, reportWeights: false };
    const { model, report } = await compressor.run(simple.model, { steps }, run);
    made.push({ row, model, report: report.passes[0] ?? null });
    console.error(`${row} done`);
  }
  // By turns: a busy machine is busy for all.
  const times = await leastTimes(
    executor,
    made.map(({ model }) => model),
    await firstImage(),
  );
  const results: Row[] = [];
  for (const [i, { row, model, report }] of made.entries()) {
    results.push({
      row,
      ...compareLogits(reference, await logitsOf(executor, model, test)),
      fileBytes: format?.write?.(model).length ?? 0,
      floatLayers: report?.statistics['layers.float32'] ?? 0,
      wideValues: report?.statistics['values.int16'] ?? 0,
      ms: times[i] ?? Number.NaN,
    });
  }
  const floatMs = results.at(-1)?.ms ?? Number.NaN;
  return {
    title: 'ResNet-20 under limits of time',
    notes: [
      'On the 2,000 CIFAR-10 test images; ranges, noise and times are measured on 256 images of the training set. Each limit is a share of what float32 takes on the machine. Times are of one image, one thread of Node, the least of 20 rounds by turns after all were made; choices and times are the machine’s, and others on each run.',
      '"Same" counts images with the class that the float network gives; SQNR is that of the logits. Layers, of 35, are nodes with the Relu behind them. Answers that a choice may lose are counted on the calibration images, right ones that come and go against each other.',
    ],
    head: [
      'limit',
      'ms',
      'of float32',
      'layers in float32',
      'values of 16 bits',
      'right',
      'same',
      'SQNR',
      'file bytes',
    ],
    cells: results.map((one) => [
      one.row,
      one.ms.toFixed(2),
      `${Math.round((100 * one.ms) / floatMs)} %`,
      String(one.floatLayers),
      String(one.wideValues),
      String(one.right),
      String(one.agreeing),
      Number.isFinite(one.sqnrDb) ? `${one.sqnrDb.toFixed(1)} dB` : '',
      formatCount(one.fileBytes),
    ]),
    data: results,
  };
}

async function firstImage(): Promise<Feeds> {
  for await (const { feeds } of resnet20Images('calib').batches(1, 1)) return feeds;
  return {};
}

/** Milliseconds of a run of each model. */
async function leastTimes(
  executor: Executor,
  models: readonly Model[],
  feeds: Feeds,
): Promise<readonly number[]> {
  const executions = [];
  for (const model of models) executions.push(await executor.prepare(model));
  const least = models.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 20; round++) {
    for (const [i, execution] of executions.entries()) {
      const times = await execution.time?.(feeds, 10);
      least[i] = Math.min(least[i] ?? Number.POSITIVE_INFINITY, times?.ms ?? Number.NaN);
    }
  }
  for (const execution of executions) execution.dispose();
  return least;
}
