import {
  type Compressor,
  type Dataset,
  type Executor,
  type Model,
  OptionsError,
  type RunData,
  type RunOptions,
  type Step,
} from '@espalier/core';
import { KNOWN_RANGES, KnownRanges, type QuantizeOptions } from '@espalier/plugin-quantize';

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

/** As a recipe has it. Calibration data are there, so that what activations reach counts too. */
export const equalizeStep: Step<Readonly<Record<string, unknown>>> = {
  pass: 'equalize',
  options: { ranges: 'all' },
};

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

/**
 * Quantizes one model again and again, as settings say. It is folded and fused already. What calibration measures of it is
 * measured once, and it is equalized once.
 */
export class Quantizer {
  readonly #compressor: Compressor;
  readonly #model: Model;
  readonly #options: RunOptions;
  #equalized: Model | null = null;

  /** @param compressor - of its own: ranges are kept in its container */
  constructor(compressor: Compressor, model: Model, data: RunData, signal: AbortSignal) {
    this.#compressor = compressor;
    this.#model = model;
    this.#options = { data, signal, driftSamples: 0, reportWeights: false };
    compressor.container.register(KNOWN_RANGES, { useValue: new KnownRanges() });
  }

  async quantize({ quantize, equalize }: Settings): Promise<QuantizedPair> {
    const reference = equalize ? await this.#equalize() : this.#model;
    const step = { pass: 'quantize', options: quantize };
    const { model } = await this.#compressor.run(reference, { steps: [step] }, this.#options);
    return { reference, quantized: model };
  }

  /** The activations that equalizing makes other ones, by their names: what they are called then. */
  async renamedByEqualizing(): Promise<ReadonlyMap<string, string>> {
    const before = this.#model.graph.nodes;
    const after = (await this.#equalize()).graph.nodes;
    const renamed = new Map<string, string>();
    if (before.length !== after.length) return renamed;
    for (const [i, { outputs }] of before.entries()) {
      for (const [k, value] of outputs.entries()) {
        const now = after[i]?.outputs[k];
        if (value !== null && now != null && now.name !== value.name) renamed.set(value.name, now.name);
      }
    }
    return renamed;
  }

  async #equalize(): Promise<Model> {
    this.#equalized ??= (
      await this.#compressor.run(this.#model, { steps: [equalizeStep] }, this.#options)
    ).model;
    return this.#equalized;
  }
}

/** What runs both. */
export interface Bench {
  readonly compressor: Compressor;
  readonly executor: Executor;
  /** Folded and fused, in float. */
  readonly model: Model;
  readonly quantizer: Quantizer;
  /** What layers and outputs are compared on. */
  readonly holdout: Dataset;
  readonly samples: number;
  readonly signal: AbortSignal;
  /** Called before each layer is tried alone. */
  progress(done: number, total: number): void;
}
