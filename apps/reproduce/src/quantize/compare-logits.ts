import { bestClasses, type Dataset, type Executor, type Model, Similarity, toFloat32 } from '@espalier/core';

/** What a model says of images. */
export interface Logits {
  readonly values: readonly Float32Array[];
  readonly classes: readonly number[];
  readonly labels: readonly number[];
}

/** How near one model's logits are to another's. */
export interface LogitsComparison {
  /** Images with the class of their label. */
  readonly right: number;
  /** Images with the class that the reference gives. */
  readonly agreeing: number;
  readonly sqnrDb: number;
}

export async function logitsOf(executor: Executor, model: Model, data: Dataset): Promise<Logits> {
  const execution = await executor.prepare(model);
  const [values, classes, labels]: [Float32Array[], number[], number[]] = [[], [], []];
  for await (const batch of data.batches(100)) {
    const { logits } = await execution.run(batch.feeds);
    if (logits === undefined) continue;
    values.push(toFloat32(logits));
    classes.push(...(bestClasses(logits, batch.count) ?? []));
    labels.push(...(batch.labels ?? []));
  }
  execution.dispose();
  return { values, classes, labels };
}

export function compareLogits(reference: Logits, logits: Logits): LogitsComparison {
  const similarity = new Similarity();
  for (const [i, values] of logits.values.entries())
    similarity.add(reference.values[i] ?? new Float32Array(values.length), values);
  const count = (expected: readonly number[]): number =>
    logits.classes.filter((best, i) => best === expected[i]).length;
  return { right: count(logits.labels), agreeing: count(reference.classes), sqnrDb: similarity.sqnrDb };
}
