import { type Dataset, EXECUTOR, type Executor, type Model } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { asSvg } from '../plot.js';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import type { Reproduction } from '../table.js';

const images = 2000;
const batchSize = 16;
const observers = ['min-max', 'moving-average', 'percentile', 'entropy', 'mse'] as const;

interface Run {
  readonly observer: string;
  readonly elapsedMs: number;
  /** Of plain float inference. */
  readonly ratio: number;
  /** Resident megabytes of the whole process, by images seen. */
  readonly resident: readonly (readonly [images: number, megabytes: number])[];
}

/** Time and resident memory of calibrating ResNet-20 on 2,000 images, beside plain float inference. */
export async function reproduceCalibration(): Promise<Reproduction> {
  const compressor = createCompressor();
  const executor = compressor.container.resolve(EXECUTOR);
  const { model } = await compressor.run(await resnet20(), { steps: ['fuse', 'fold-batch-norm'] });
  const data = resnet20Images('calib', images);
  // Once unmeasured: engines compile what is run often.
  await inferenceMs(executor, model, data);
  const floatMs = await inferenceMs(executor, model, data);
  const runs: Run[] = [];
  for (const observer of observers) {
    runs.push(await calibrated(model, data, observer, floatMs));
    console.error(`${observer} done`);
  }
  const at = (run: Run, seen: number): string =>
    `${Math.round(run.resident.find(([count]) => count >= seen)?.[1] ?? NaN)} MB`;
  return {
    title: 'Calibration of ResNet-20 on 2,000 images: time and memory',
    notes: [
      `Plain float inference of the same ${images} images, in the same batches of ${batchSize}: ${seconds(floatMs)}. Times are those of the whole pass: reading of images, ranges and weights included. One thread, at high priority on a core of a shared machine: ratios say more than seconds.`,
      'Memory is the resident set of the whole process, engine and data set included, after so many images; what the collector of the engine leaves lying about comes and goes.',
    ],
    head: ['observer', 'time', 'of float inference', 'after 256', 'after 1,008', 'after 2,000'],
    cells: runs.map((run) => [
      run.observer,
      seconds(run.elapsedMs),
      `${run.ratio.toFixed(2)}x`,
      at(run, 256),
      at(run, 1008),
      at(run, images),
    ]),
    figures: [
      {
        file: 'calibration.svg',
        caption: 'Resident memory while calibrating.',
        svg: asSvg({
          title: 'Resident memory while calibrating',
          x: { label: 'images seen', ticks: [0, 500, 1000, 1500, 2000] },
          y: { label: 'megabytes', ticks: [0, 100, 200, 300, 400] },
          series: runs.map(({ observer, resident }) => ({ name: observer, points: resident })),
        }),
      },
    ],
    data: { floatMs, runs },
  };
}

async function inferenceMs(executor: Executor, model: Model, data: Dataset): Promise<number> {
  const execution = await executor.prepare(model);
  const started = performance.now();
  for await (const { feeds } of data.batches(batchSize)) await execution.run(feeds);
  const elapsedMs = performance.now() - started;
  execution.dispose();
  return elapsedMs;
}

async function calibrated(model: Model, data: Dataset, observer: string, floatMs: number): Promise<Run> {
  const resident: [number, number][] = [];
  const steps = [{ pass: 'quantize', options: { observer, samples: images, batchSize } }];
  const started = performance.now();
  await createCompressor().run(
    model,
    { steps },
    {
      data: { calibration: data },
      driftSamples: 0,
      reportWeights: false,
      onProgress(event) {
        if (event.kind === 'pass-progress' && event.total === images)
          resident.push([event.done, process.memoryUsage().rss / 2 ** 20]);
      },
    },
  );
  const elapsedMs = performance.now() - started;
  return { observer, elapsedMs, ratio: elapsedMs / floatMs, resident };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
