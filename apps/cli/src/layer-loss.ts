import {
  type Dataset,
  type Executor,
  isFloat,
  type Model,
  Similarity,
  type Tensor,
  toNumbers,
} from '@espalier/core';
import { breathe } from './evaluate.js';
import { type LayerMatch, matchLayers } from './layer-match.js';
import type { Session } from './session.js';

/** How far a layer of the second model is from the first one's. */
export interface LayerLoss {
  /** In the first model. */
  readonly name: string;
  /** Name of the value in the second. */
  readonly value: string;
  readonly op: string;
  readonly by: LayerMatch['by'];
  /** Infinity where nothing changed. */
  readonly sqnrDb: number;
  readonly cosine: number;
}

/** Samples run at a time: the activations of one batch of the original are held. */
const BATCH = 4;

/** Runs both models on the same samples and compares the values that stand for each other. */
export async function measureLayers(
  session: Session,
  executor: Executor,
  a: Model,
  b: Model,
  data: Dataset,
  limit: number,
): Promise<readonly LayerLoss[]> {
  const losses = new Losses(matchLayers(a, b));
  const [before, after] = [await executor.prepare(a), await executor.prepare(b)];
  try {
    let done = 0;
    for await (const { feeds, count } of data.batches(BATCH, limit)) {
      session.assertNotAborted();
      const references = new Map<string, Tensor>();
      await before.run(feeds, ({ name }, tensor) => {
        if (losses.wants(name)) references.set(name, tensor);
      });
      await after.run(feeds, ({ name }, tensor) => losses.add(name, tensor, references));
      done += count;
      session.progress.update(done, Math.min(limit, data.count));
      await breathe();
    }
  } finally {
    before.dispose();
    after.dispose();
  }
  return losses.result();
}

class Losses {
  readonly #matches: ReadonlyMap<string, LayerMatch>;
  readonly #wanted: ReadonlySet<string>;
  /** By value of the second model, then by candidate of the first. */
  readonly #sums = new Map<string, Map<string, Similarity>>();

  constructor(matches: readonly LayerMatch[]) {
    this.#matches = new Map(matches.map((match) => [match.value, match]));
    this.#wanted = new Set(matches.flatMap(({ candidates }) => candidates));
  }

  wants(name: string): boolean {
    return this.#wanted.has(name);
  }

  add(name: string, tensor: Tensor, references: ReadonlyMap<string, Tensor>): void {
    const match = this.#matches.get(name);
    if (match === undefined || !isFloat(tensor.type)) return;
    const sums = this.#sums.get(name) ?? new Map<string, Similarity>();
    this.#sums.set(name, sums);
    const values = toNumbers(tensor);
    for (const candidate of match.candidates) {
      const reference = references.get(candidate);
      if (reference === undefined || !isFloat(reference.type) || reference.size !== tensor.size) continue;
      const sum = sums.get(candidate) ?? new Similarity();
      sum.add(toNumbers(reference), values);
      sums.set(candidate, sum);
    }
  }

  /** The candidate that is nearest is the one the value stands for. */
  result(): readonly LayerLoss[] {
    const losses: LayerLoss[] = [];
    for (const [value, sums] of this.#sums) {
      const match = this.#matches.get(value);
      const [best] = [...sums.values()].sort((x, y) => y.cosine - x.cosine);
      if (match === undefined || best === undefined) continue;
      const { name, op, by } = match;
      losses.push({ name, value, op, by, sqnrDb: best.sqnrDb, cosine: best.cosine });
    }
    return losses;
  }
}
