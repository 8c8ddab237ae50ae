import type { Compressor, Dataset, Model } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import type { Race } from './api.js';
import { loadDigits } from './digits.js';
import { answers, countRight } from './judge.js';
import { dataOf, type Subject } from './run-recipe.js';

const BATCH = 64;
const ROUNDS = 60;

/** How long the open model takes in float32, and in int8, calibrated and computed here. */
export async function raceTypes(compressor: Compressor, subject: Subject): Promise<Race> {
  const data = await dataOf(subject, 'held-out');
  const steps = [{ pass: 'quantize', options: { mode: 'static' } }];
  const { model: int8 } = await compressor.run(
    subject.model,
    { steps },
    { data, driftSamples: 0, reportWeights: false },
  );
  const holdout = data.holdout as Dataset; // asked for above
  const [first] = [await timeOf(subject.model, holdout)];
  const second = await timeOf(int8, holdout);
  const { labels } = await loadDigits('held-out', subject.base);
  const int8Right = countRight(await answers(int8, holdout), labels);
  return { batch: BATCH, float32: first, int8: second, int8Right, samples: holdout.count };
}

/** Microseconds for a digit of a batch, in the best of the rounds: the others are of a machine that does other things too. */
async function timeOf(model: Model, data: Dataset): Promise<number> {
  const session = await InferenceSession.create(model);
  try {
    const times: number[] = [];
    for await (const { feeds } of data.batches(BATCH, BATCH)) {
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now();
        // Clocks of pages are coarse: several runs at a time.
        for (let i = 0; i < 5; i++) await session.run(feeds);
        times.push((performance.now() - started) / 5);
      }
    }
    return (1000 * Math.min(...times)) / BATCH;
  } finally {
    await session.release();
  }
}
