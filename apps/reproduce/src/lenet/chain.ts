import { writeEspalier } from '@espalier/container';
import { type Model, type Recipe, type RunEvent, type RunReport, readModel } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { DigitDataset } from '../mnist/digit-dataset.js';
import type { Digits, Mnist } from '../mnist/mnist.js';
import { errorPercent } from './evaluate.js';
import { type LayerCost, layerCosts } from './layer-cost.js';
import type { Network } from './models.js';

/** What a recipe runs on. */
export interface ChainRun {
  readonly network: Network;
  readonly mnist: Mnist;
  readonly seed: number;
  /** Told what each pass says, and what it came to. */
  log?(message: string): void;
}

/** A model behind a pass: what it gets wrong, and what it weighs. */
export interface Stage {
  /** The pass; `float32` for the model as it came. */
  readonly step: string;
  /** On the test images, of the file as it was written. */
  readonly errorPercent: number;
  /** On the images that settings are chosen on. */
  readonly validationErrorPercent: number;
  /** The whole `.espalier` file. */
  readonly fileBytes: number;
  readonly layers: readonly LayerCost[];
  readonly elapsedMs: number;
  readonly model: Model;
  readonly bytes: Uint8Array;
}

/** A run, and the model behind each of its passes, that of before first. */
export interface Chain {
  readonly stages: readonly Stage[];
  readonly report: RunReport;
}

/**
 * Runs a recipe over a model as a user would, and judges the file behind each pass. Passes see the training and the
 * validation images; the test images are looked at when all is done.
 */
export async function runChain(
  model: Model,
  steps: Recipe['steps'],
  { network, mnist, seed, log = () => {} }: ChainRun,
): Promise<Chain> {
  const compressor = createCompressor();
  const feed = (digits: Digits): DigitDataset => new DigitDataset(digits, network.input);
  const [validation, test] = [feed(mnist.validation), feed(mnist.test)];
  const behind: { readonly step: string; readonly model: Model; readonly elapsedMs: number }[] = [
    { step: 'float32', model, elapsedMs: 0 },
  ];
  const onProgress = (event: RunEvent): void => {
    if (event.kind !== 'pass-end') return;
    const { pass: step, elapsedMs, sizeBytes } = event.report;
    log(`${step}: ${sizeBytes} bytes after ${(elapsedMs / 1000).toFixed(0)} s`);
    behind.push({ step, model: event.model, elapsedMs });
  };
  const { report } = await compressor.run(
    model,
    { steps },
    {
      data: { train: feed(mnist.train), calibration: validation },
      seed,
      // Judged below, on all images and in batches.
      driftSamples: 0,
      reportWeights: false,
      log: { debug: log, info: log, warn: log },
      onProgress,
    },
  );
  const stages: Stage[] = [];
  for (const stage of behind) {
    const bytes = writeEspalier(stage.model);
    const written = await readModel(compressor.container, bytes);
    stages.push({
      ...stage,
      errorPercent: await errorPercent(written, test),
      validationErrorPercent: await errorPercent(written, validation),
      fileBytes: bytes.length,
      layers: layerCosts(written, model),
      model: written,
      bytes,
    });
  }
  return { stages, report };
}
