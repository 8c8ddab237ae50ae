import type { Dataset, Model } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';

/** Samples a run. */
const BATCH = 500;

/** The share of samples whose highest score is not that of their class, in percent. */
export async function errorPercent(model: Model, data: Dataset): Promise<number> {
  const session = await InferenceSession.create(model);
  const output = session.outputNames[0] ?? '';
  let wrong = 0;
  for await (const { feeds, count, labels } of data.batches(BATCH)) {
    const scores = (await session.run(feeds))[output]?.data as Float32Array; // both networks end in float scores
    const classes = scores.length / count;
    for (let i = 0; i < count; i++) {
      if (highest(scores.subarray(i * classes, (i + 1) * classes)) !== labels?.[i]) wrong++;
    }
  }
  return (100 * wrong) / data.count;
}

/** The place of the highest score, the first of equals. */
function highest(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] ?? 0) > (scores[best] ?? 0)) best = i;
  return best;
}
