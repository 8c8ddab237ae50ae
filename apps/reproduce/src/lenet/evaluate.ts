import { type Dataset, type Model, Similarity } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';

/** Samples a run. */
const BATCH = 500;

/** What a network says of each sample of a data set. */
export interface Answers {
  /** [count, classes] */
  readonly scores: Float32Array;
  /** The class of the highest score of each sample, the first of equals. */
  readonly classes: Int32Array;
  /** How many of these are the sample's label. */
  readonly right: number;
}

/** Runs a classifier over labelled data. */
export async function answersOf(model: Model, data: Dataset): Promise<Answers> {
  const session = await InferenceSession.create(model);
  const output = session.outputNames[0] ?? '';
  const batches: Float32Array[] = [];
  const classes = new Int32Array(data.count);
  let [at, right] = [0, 0];
  for await (const { feeds, count, labels } of data.batches(BATCH)) {
    const found = (await session.run(feeds))[output];
    const scores = Float32Array.from((found?.data ?? []) as Float32Array); // both networks end in floats
    const width = scores.length / count;
    for (let i = 0; i < count; i++) {
      const best = highest(scores.subarray(i * width, (i + 1) * width));
      if (best === labels?.[i]) right++;
      classes[at++] = best;
    }
    batches.push(scores);
  }
  const scores = new Float32Array(batches.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const batch of batches) {
    scores.set(batch, filled);
    filled += batch.length;
  }
  return { scores, classes, right };
}

/** The share of samples whose highest score is not that of their class, in percent. */
export async function errorPercent(model: Model, data: Dataset): Promise<number> {
  return (100 * (data.count - (await answersOf(model, data)).right)) / data.count;
}

/** How far the answers of one network are those of another. */
export function compareAnswers(
  before: Answers,
  after: Answers,
): { readonly outputSqnrDb: number; readonly agreement: number } {
  const similarity = new Similarity();
  similarity.add(before.scores, after.scores);
  const same = before.classes.filter((value, i) => value === after.classes[i]).length;
  return { outputSqnrDb: similarity.sqnrDb, agreement: same / before.classes.length };
}

function highest(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] ?? 0) > (scores[best] ?? 0)) best = i;
  return best;
}
