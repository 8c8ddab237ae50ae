import type { Clause } from '../clause.js';
import { fingerprint, firstDifference, hashOfData } from '../fingerprint.js';
import { firstOf, type PassSubject } from './job.js';

/** Two compressors may hold one model, and a pass that fails must leave it as it was. */
export const leavesInputAlone: Clause<PassSubject> = {
  name: 'leaves-input-alone',
  promise: "it leaves the caller's model and data alone",
  fix: 'Make new arrays: what decode() gives is shared. The model that run() gets is its own, its tensors are not.',
  breach: ({ jobs }) =>
    firstOf(jobs, async (job) => {
      const model = job.makeModel();
      const before = fingerprint(model);
      const data = await dataOf(job.data);
      await job.run(model);
      const after = fingerprint(model);
      if (after !== before) return `the model it was given changed: ${firstDifference(before, after)}`;
      return (await dataOf(job.data)) === data ? null : 'the data it was given changed';
    }),
};

async function dataOf({ train, calibration, holdout }: PassSubject['jobs'][number]['data']): Promise<string> {
  return (await Promise.all([train, calibration, holdout].map(hashOfData))).join();
}
