import type { Model } from '../ir/model.js';
import type { Dataset } from '../pass/dataset.js';
import type { Executor, Feeds } from '../pass/executor.js';
import { bestClasses } from '../report/drift.js';
import { isFloat } from '../tensor/data-type.js';
import { toNumbers } from '../tensor/tensor.js';

/** Samples that are run at a time. */
const BATCH = 32;

/** What a changed model does on the samples. */
export interface OutputChange {
  /** Squared difference of the outputs over the square of those of before; added up over outputs. */
  readonly error: number;
  /**
   * Share of right answers that are lost, where samples have labels; else of answers that are others, which is no less than
   * that. 0 where outputs are no scores of classes.
   */
  readonly drop: number;
}

interface Reference {
  readonly feeds: Feeds;
  readonly count: number;
  readonly labels: Int32Array | null;
  readonly outputs: ReadonlyMap<string, Float64Array>;
  readonly classes: Int32Array | null;
}

/** Runs changed models on samples whose right outputs are known. */
export class OutputProbe {
  readonly #executor: Executor;
  readonly #references: readonly Reference[];
  readonly #energies: ReadonlyMap<string, number>;
  /** Samples in all. */
  readonly samples: number;

  private constructor(executor: Executor, references: readonly Reference[]) {
    this.#executor = executor;
    this.#references = references;
    this.samples = references.reduce((sum, { count }) => sum + count, 0);
    const energies = new Map<string, number>();
    for (const { outputs } of references) {
      for (const [name, values] of outputs) energies.set(name, (energies.get(name) ?? 0) + energyOf(values));
    }
    this.#energies = energies;
  }

  /** @param limit - samples at the most */
  static async open(executor: Executor, model: Model, data: Dataset, limit: number): Promise<OutputProbe> {
    const references: Reference[] = [];
    const execution = await executor.prepare(model);
    try {
      for await (const { feeds, count, labels = null } of data.batches(BATCH, limit)) {
        const results = await execution.run(feeds);
        const outputs = new Map<string, Float64Array>();
        // A copy: an execution may use the memory of its results again.
        for (const [name, tensor] of Object.entries(results)) {
          if (isFloat(tensor.type)) outputs.set(name, Float64Array.from(toNumbers(tensor)));
        }
        const scores = results[model.graph.outputs[0]?.name ?? ''];
        const classes = scores === undefined ? null : bestClasses(scores, count);
        references.push({ feeds, count, labels, outputs, classes });
      }
    } finally {
      execution.dispose();
    }
    return new OutputProbe(executor, references);
  }

  /** @param model - with the inputs and outputs of the one that the probe was opened with */
  async compare(model: Model): Promise<OutputChange> {
    const noise = new Map<string, number>();
    let lost = 0;
    const execution = await this.#executor.prepare(model);
    try {
      for (const reference of this.#references) {
        const results = await execution.run(reference.feeds);
        for (const [name, expected] of reference.outputs) {
          const actual = results[name];
          if (actual === undefined) continue;
          noise.set(name, (noise.get(name) ?? 0) + squaredDifference(expected, toNumbers(actual)));
        }
        const scores = results[model.graph.outputs[0]?.name ?? ''];
        lost += answersLost(reference, scores === undefined ? null : bestClasses(scores, reference.count));
      }
    } finally {
      execution.dispose();
    }
    let error = 0;
    for (const [name, squared] of noise) {
      const energy = this.#energies.get(name) ?? 0;
      if (energy > 0) error += squared / energy;
    }
    return { error, drop: this.samples === 0 ? 0 : lost / this.samples };
  }
}

function answersLost({ classes, labels }: Reference, now: Int32Array | null): number {
  if (classes === null || now === null) return 0;
  let lost = 0;
  for (let i = 0; i < classes.length; i++) {
    if (labels === null) lost += Number(now[i] !== classes[i]);
    else lost += Number(classes[i] === labels[i]) - Number(now[i] === labels[i]);
  }
  return lost;
}

function energyOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function squaredDifference(expected: Float64Array, actual: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = expected[i]! - actual[i]!;
    sum += difference * difference;
  }
  return sum;
}
