import type { Model } from '../ir/model.js';
import type { Value } from '../ir/node.js';
import type { Batch, Dataset } from '../pass/dataset.js';
import type { Execution, Executor, Feeds } from '../pass/executor.js';
import { isFloat } from '../tensor/data-type.js';
import { type Tensor, toNumbers } from '../tensor/tensor.js';
import type { DriftReport, LayerDrift } from './report.js';
import { Similarity } from './similarity.js';

/** Samples run at a time: the activations of one batch of the reference are held. */
const batchSize = 4;

/**
 * Runs both models on the same samples and compares every activation that has the same name in both.
 *
 * @param limit - samples at the most
 */
export async function measureDrift(
  executor: Executor,
  reference: Model,
  model: Model,
  data: Dataset,
  limit: number,
): Promise<DriftReport> {
  const [before, after] = await Promise.all([executor.prepare(reference), executor.prepare(model)]);
  const tally = new DriftTally(model);
  try {
    for await (const batch of data.batches(batchSize, limit)) await tally.add(batch, before, after);
  } finally {
    before.dispose();
    after.dispose();
  }
  return tally.report(data.name);
}

class DriftTally {
  readonly #layers = new Map<string, Similarity>();
  readonly #outputs = new Similarity();
  readonly #model: Model;
  #samples = 0;
  #scored = 0;
  #agreeing = 0;
  #labelled = 0;
  #rightBefore = 0;
  #rightAfter = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  async add(batch: Batch, before: Execution, after: Execution): Promise<void> {
    const references = new Map<string, Tensor>();
    const expected = await before.run(batch.feeds, (value, tensor) => {
      if (isFloat(tensor.type)) references.set(value.name, tensor);
    });
    const actual = await after.run(batch.feeds, (value, tensor) =>
      this.#compare(value, references.get(value.name), tensor),
    );
    for (const [name, tensor] of Object.entries(expected)) {
      const other = actual[name];
      if (other !== undefined && other.size === tensor.size)
        this.#outputs.add(toNumbers(tensor), toNumbers(other));
    }
    this.#samples += batch.count;
    this.#score(batch, expected, actual);
  }

  report(data: string): DriftReport {
    const layers: LayerDrift[] = [];
    for (const [name, { sqnrDb, cosine }] of this.#layers) {
      const value = this.#model.graph.value(name);
      layers.push({ name, op: this.#model.graph.producer(value)?.op ?? '', sqnrDb, cosine });
    }
    return {
      data,
      samples: this.#samples,
      layers,
      outputSqnrDb: this.#outputs.sqnrDb,
      agreement: this.#scored === 0 ? null : this.#agreeing / this.#scored,
      top1: this.#labelled === 0 ? null : { before: this.#rightBefore, after: this.#rightAfter },
    };
  }

  #compare(value: Value, reference: Tensor | undefined, actual: Tensor): void {
    if (reference === undefined || reference.size !== actual.size || !isFloat(actual.type)) return;
    const similarity = this.#layers.get(value.name) ?? new Similarity();
    similarity.add(toNumbers(reference), toNumbers(actual));
    this.#layers.set(value.name, similarity);
  }

  #score(batch: Batch, expected: Feeds, actual: Feeds): void {
    const name = this.#model.graph.outputs[0]?.name ?? '';
    const [before, after] = [expected[name], actual[name]].map((scores) =>
      scores === undefined ? null : bestClasses(scores, batch.count),
    );
    if (before == null || after == null) return;
    for (let i = 0; i < batch.count; i++) {
      this.#scored++;
      if (before[i] === after[i]) this.#agreeing++;
      if (batch.labels === undefined) continue;
      this.#labelled++;
      if (before[i] === batch.labels[i]) this.#rightBefore++;
      if (after[i] === batch.labels[i]) this.#rightAfter++;
    }
  }
}

/**
 * The class of the greatest score of each sample, ties to the lower class; null where there are no scores. Codes of 8 bits, as
 * quantized .tflite files give them, are scores.
 */
export function bestClasses(scores: Tensor, samples: number): Int32Array | null {
  const classes = scores.dims.at(-1) ?? 0;
  const areScores = isFloat(scores.type) || scores.type === 'int8' || scores.type === 'uint8';
  if (!areScores || classes < 2 || scores.size !== samples * classes) return null;
  const values = toNumbers(scores);
  const best = new Int32Array(samples);
  for (let s = 0; s < samples; s++) {
    let at = 0;
    for (let c = 1; c < classes; c++) {
      if ((values[s * classes + c] ?? 0) > (values[s * classes + at] ?? 0)) at = c;
    }
    best[s] = at;
  }
  return best;
}
