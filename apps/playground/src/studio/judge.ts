import { bestClasses, type Dataset, type Model } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';

/** The class of each sample's best score. */
export async function answers(model: Model, data: Dataset): Promise<Int32Array> {
  const session = await InferenceSession.create(model);
  try {
    const found: number[] = [];
    for await (const { feeds, count } of data.batches(250)) {
      const [scores] = Object.values(await session.run(feeds));
      found.push(...((scores && bestClasses(scores, count)) ?? []));
    }
    return Int32Array.from(found);
  } finally {
    await session.release();
  }
}

/** How many answers are right. */
export function countRight(given: Int32Array, labels: Int32Array): number {
  return given.reduce((sum, answer, i) => sum + (answer === labels[i] ? 1 : 0), 0);
}
