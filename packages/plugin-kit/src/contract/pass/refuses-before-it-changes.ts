import { AbortedError, EspalierError, type Pass, type RunData, TrainingError } from '@espalier/core';
import { type Clause, describeError } from '../clause.js';
import { fingerprint, firstDifference } from '../fingerprint.js';
import { firstOf, type Job, type PassSubject } from './job.js';

/** Checks come before changes: a pass that can't do its work says so while the model is untouched. */
export const refusesBeforeItChanges: Clause<PassSubject> = {
  name: 'refuses-before-it-changes',
  promise: 'what it can not do it says as an EspalierError, before it changes anything',
  fix: 'Check weights, types and data first; throw an EspalierError with what, where and fix.',
  breach: ({ jobs, makePass }) =>
    firstOf(jobs, async (job) => {
      const found = await breachOf(job, makePass(), job.data);
      if (found !== null) return found;
      const pass = makePass();
      // The manager refuses a run without these.
      if ((pass.requires?.(job.settings as object) ?? []).length > 0) return null;
      const without = await breachOf(job, pass, {});
      return without === null ? null : `${without}, in a run without data`;
    }),
};

async function breachOf(job: Job, pass: Pass, data: RunData): Promise<string | null> {
  const model = job.makeModel();
  const before = fingerprint(model);
  try {
    await job.runAlone(model, pass, { data });
    return null;
  } catch (error) {
    if (!(error instanceof EspalierError)) return `it threw no EspalierError but ${describeError(error)}`;
    // That training diverges shows only once it does.
    if (error instanceof TrainingError) return null;
    if (error instanceof AbortedError) return 'it said that it was cancelled, and it was not';
    const after = fingerprint(model);
    if (after === before) return null;
    return `it changed the model and then threw ${describeError(error)}: ${firstDifference(before, after)}`;
  }
}
