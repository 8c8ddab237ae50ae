import { bestClasses, type Dataset, type Executor, type Feeds, type Model } from '@espalier/core';
import { outputsOf, similarityOf } from './compare-outputs.js';

/** How far the outputs of a quantized model are off. */
export interface OutputLoss {
  /** Of all float outputs together. */
  readonly sqnrDb: number;
  /** Share of samples with the same best class, 0 to 1; 1 where the first output holds no scores. */
  readonly agreement: number;
}

/** What models are judged on. */
export interface JudgeRequest {
  readonly executor: Executor;
  readonly data: Dataset;
  readonly samples: number;
  /** Heeded before each batch, with an AbortedError. */
  readonly signal?: AbortSignal;
}

/** Samples run at a time. */
const batchSize = 8;

/** Measures the outputs of models beside those of float ones: what a search does again and again. Float models run once. */
export class OutputJudge {
  readonly #request: JudgeRequest;
  readonly #expected = new WeakMap<Model, readonly Feeds[]>();
  #samples: { readonly feeds: readonly Feeds[]; readonly counts: readonly number[] } | null = null;

  constructor(request: JudgeRequest) {
    this.#request = request;
  }

  /** @param reference - in float, with the names of the quantized one; not changed between calls */
  async loss(reference: Model, quantized: Model): Promise<OutputLoss> {
    const { feeds, counts } = await this.#open();
    const expected = this.#expected.get(reference) ?? (await outputsOf(this.#request, reference, feeds));
    this.#expected.set(reference, expected);
    const actual = await outputsOf(this.#request, quantized, feeds);
    const name = reference.graph.outputs[0]?.name ?? '';
    let [same, scored] = [0, 0];
    for (const [i, count] of counts.entries()) {
      const [before, after] = [expected[i]?.[name], actual[i]?.[name]].map((scores) =>
        scores === undefined ? null : bestClasses(scores, count),
      );
      if (before == null || after == null) continue;
      scored += count;
      same += before.filter((best, sample) => best === after[sample]).length;
    }
    const { sqnrDb } = similarityOf(expected, actual);
    return { sqnrDb, agreement: scored === 0 ? 1 : same / scored };
  }

  async #open(): Promise<{ readonly feeds: readonly Feeds[]; readonly counts: readonly number[] }> {
    if (this.#samples !== null) return this.#samples;
    const [feeds, counts]: [Feeds[], number[]] = [[], []];
    const { data, samples } = this.#request;
    for await (const batch of data.batches(batchSize, samples)) {
      feeds.push(batch.feeds);
      counts.push(batch.count);
    }
    this.#samples = { feeds, counts };
    return this.#samples;
  }
}
