import { writeEspalier } from '@espalier/container';
import { type Dataset, type Model, readModel, type Step } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { DigitDataset } from '../mnist/digit-dataset.js';
import type { Mnist } from '../mnist/mnist.js';
import { errorPercent } from './evaluate.js';
import { type LayerCost, layerCosts } from './layer-cost.js';
import type { TrainingRun } from './prune-and-retrain.js';

/** One step of a chain: a model in, another one out. */
export interface ChainStep {
  readonly name: string;
  run(model: Model, run: TrainingRun): Promise<Model>;
}

/** A model behind a step of a chain: what it gets wrong, and what it weighs. */
export interface Stage {
  readonly step: string;
  /** On the 10,000 test images, of the file as it was written. */
  readonly errorPercent: number;
  /** On the 5,000 images that settings are chosen on. */
  readonly validationErrorPercent: number;
  /** The whole `.espalier` file. */
  readonly fileBytes: number;
  readonly layers: readonly LayerCost[];
  readonly elapsedMs: number;
  readonly model: Model;
  readonly bytes: Uint8Array;
}

/** A pass as a step: without data, or with the validation images where it calibrates. */
export function pass(step: Step, name: string = step.pass): ChainStep {
  return {
    name,
    async run(model, { network, mnist, seed }) {
      const calibration = new DigitDataset(mnist.validation, network.input);
      const options = { data: { calibration }, seed, driftSamples: 0, reportWeights: false };
      return (await createCompressor().run(model, [step], options)).model;
    },
  };
}

/**
 * Runs steps one after the other over a model and judges the file behind each. Steps see the training and the
 * validation images; the test images are looked at from outside.
 */
export async function runChain(
  model: Model,
  steps: readonly ChainStep[],
  run: TrainingRun,
  onStage: (stage: Stage) => void = () => {},
): Promise<readonly Stage[]> {
  const { network, mnist } = run;
  const { container } = createCompressor();
  const feed = (part: Mnist[keyof Mnist]): Dataset => new DigitDataset(part, network.input);
  const [validation, test] = [feed(mnist.validation), feed(mnist.test)];
  const stages: Stage[] = [];
  let current = model;
  for (const step of [null, ...steps]) {
    const started = performance.now();
    if (step !== null) current = await step.run(current, run);
    const elapsedMs = performance.now() - started;
    const bytes = writeEspalier(current);
    const written = await readModel(container, bytes);
    const stage: Stage = {
      step: step?.name ?? 'float32',
      errorPercent: await errorPercent(written, test),
      validationErrorPercent: await errorPercent(written, validation),
      fileBytes: bytes.length,
      layers: layerCosts(written, model),
      elapsedMs,
      model: written,
      bytes,
    };
    stages.push(stage);
    onStage(stage);
  }
  return stages;
}
