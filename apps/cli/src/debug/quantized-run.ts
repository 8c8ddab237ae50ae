import {
  type Compressor,
  type Dataset,
  type Executor,
  type Model,
  OptionsError,
  type RunData,
  type Step,
} from '@espalier/core';
import type { QuantizeOptions } from '@espalier/plugin-quantize';

/** What the search changes: options of the step `quantize`, and whether layers are equalized before it. */
export interface Settings {
  readonly quantize: Readonly<Partial<QuantizeOptions>>;
  readonly equalize: boolean;
}

/** The steps of a recipe around its quantization. */
export interface Surroundings {
  readonly before: readonly Step[];
  readonly settings: Settings;
  readonly behind: readonly Step[];
}

const equalizeStep: Step = { pass: 'equalize', options: {} };

/** @throws {OptionsError} when the recipe does not quantize activations */
export function splitAtQuantize(steps: readonly Step[]): Surroundings {
  const at = steps.findIndex(({ pass }) => pass === 'quantize');
  const options = steps[at]?.options as QuantizeOptions | undefined; // of that pass
  if (options === undefined || options.mode !== 'static') {
    throw new OptionsError({
      what: 'The recipe does not quantize activations: there is nothing to debug.',
      where: '--recipe',
      fix: 'Pass a recipe with the step "quantize" in mode "static", such as int8.',
    });
  }
  const before = steps.slice(0, at);
  return {
    before: before.filter(({ pass }) => pass !== 'equalize'),
    settings: { quantize: options, equalize: before.some(({ pass }) => pass === 'equalize') },
    behind: steps.slice(at + 1),
  };
}

/** A float model and what became of it, with the same names. */
export interface QuantizedPair {
  readonly reference: Model;
  readonly quantized: Model;
}

/** Quantizes a model that is folded and fused already, as settings say. */
export async function quantizePair(
  compressor: Compressor,
  model: Model,
  data: RunData,
  { quantize, equalize }: Settings,
  signal: AbortSignal,
): Promise<QuantizedPair> {
  const options = { data, signal, driftSamples: 0, reportWeights: false };
  const reference = equalize ? (await compressor.run(model, [equalizeStep], options)).model : model;
  const step = { pass: 'quantize', options: quantize };
  return { reference, quantized: (await compressor.run(reference, { steps: [step] }, options)).model };
}

/** What runs both. */
export interface Bench {
  readonly compressor: Compressor;
  readonly executor: Executor;
  /** Folded and fused, in float. */
  readonly model: Model;
  /** With calibration data. */
  readonly data: RunData;
  /** What layers and outputs are compared on. */
  readonly holdout: Dataset;
  readonly samples: number;
  readonly signal: AbortSignal;
  /** Called before each layer is tried alone. */
  progress(done: number, total: number): void;
}
