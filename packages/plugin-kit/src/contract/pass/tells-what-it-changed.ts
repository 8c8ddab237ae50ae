import type { Clause } from '../clause.js';
import { fingerprint, firstDifference } from '../fingerprint.js';
import { firstOf, type PassSubject } from './job.js';

/** `modified: false` lets a manager keep the model it had, with all that was found out about it. */
export const tellsWhatItChanged: Clause<PassSubject> = {
  name: 'tells-what-it-changed',
  promise: '"not modified" means that the graph is the same',
  fix: 'Return { modified: true } from every run that replaced a weight, a node or a type.',
  breach: ({ jobs, makePass }) =>
    firstOf(jobs, async (job) => {
      const model = job.makeModel();
      const before = fingerprint(model);
      const result = await job.runAlone(model, makePass()).catch(() => null);
      if (result === null || result.modified) return null;
      const after = fingerprint(model);
      return after === before
        ? null
        : `it said "not modified", and changed the graph: ${firstDifference(before, after)}`;
    }),
};
