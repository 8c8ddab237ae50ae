import {
  type Batch,
  bestClasses,
  type Dataset,
  type Executor,
  type Feeds,
  type Model,
  type Tensor,
  toNumbers,
} from '@espalier/core';

/** How a model does on some samples, beside the one it comes from. */
export interface Judgement {
  /** Share of samples with the right best class; null where these have no labels or the output is no vector of scores. */
  readonly accuracy: number | null;
  /** Share of samples with the same best class as before; null where the output is no vector of scores. */
  readonly agreement: number | null;
  /** Power of what changed in the outputs relative to the outputs'; 0 where nothing did. */
  readonly noise: number;
}

interface Sampled {
  readonly batch: Batch;
  readonly outputs: Feeds;
}

/** Samples run at a time. */
const BATCH = 16;

/** Judges variants of a model on the same samples, whose right outputs are computed once. */
export class Judge {
  readonly #executor: Executor;
  readonly #output: string;
  readonly #samples: readonly Sampled[];

  private constructor(executor: Executor, output: string, samples: readonly Sampled[]) {
    this.#executor = executor;
    this.#output = output;
    this.#samples = samples;
  }

  /** @param limit - samples at the most */
  static async open(executor: Executor, model: Model, data: Dataset, limit: number): Promise<Judge> {
    const samples: Sampled[] = [];
    const execution = await executor.prepare(model);
    try {
      for await (const batch of data.batches(BATCH, limit))
        samples.push({ batch, outputs: await execution.run(batch.feeds) });
    } finally {
      execution.dispose();
    }
    return new Judge(executor, model.graph.outputs[0]?.name ?? '', samples);
  }

  get sampleCount(): number {
    return this.#samples.reduce((sum, { batch }) => sum + batch.count, 0);
  }

  async judge(model: Model): Promise<Judgement> {
    const execution = await this.#executor.prepare(model);
    const powers = { signal: 0, noise: 0 };
    let [right, same, scored, labelled] = [0, 0, 0, 0];
    try {
      for (const { batch, outputs } of this.#samples) {
        const actual = await execution.run(batch.feeds);
        for (const [name, tensor] of Object.entries(outputs)) {
          const other = actual[name];
          if (other?.size === tensor.size) addPowers(powers, tensor, other);
        }
        const [before, after] = [outputs, actual].map((all) => {
          const scores = all[this.#output];
          return scores === undefined ? null : bestClasses(scores, batch.count);
        });
        if (before == null || after == null) continue;
        for (let i = 0; i < batch.count; i++) {
          scored++;
          if (before[i] === after[i]) same++;
          if (batch.labels === undefined) continue;
          labelled++;
          if (after[i] === batch.labels[i]) right++;
        }
      }
    } finally {
      execution.dispose();
    }
    return {
      accuracy: labelled === 0 ? null : right / labelled,
      agreement: scored === 0 ? null : same / scored,
      noise: ratio(powers),
    };
  }
}

/** Adds the powers of a signal and of what another lacks of it, in double. */
function addPowers(powers: { signal: number; noise: number }, reference: Tensor, actual: Tensor): void {
  const [x, y] = [toNumbers(reference), toNumbers(actual)];
  for (let i = 0; i < x.length; i++) {
    const [before, after] = [x[i] as number, y[i] as number]; // of one shape
    powers.signal += before * before;
    powers.noise += (before - after) * (before - after);
  }
}

/** What is not finite drowns all. A quotient and no decibels: their last bit may differ from engine to engine. */
function ratio({ signal, noise }: { readonly signal: number; readonly noise: number }): number {
  if (noise === 0) return 0;
  const quotient = noise / signal;
  return Number.isFinite(quotient) ? quotient : Number.MAX_VALUE;
}
