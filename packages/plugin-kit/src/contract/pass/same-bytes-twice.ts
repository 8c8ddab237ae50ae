import type { Clause } from '../clause.js';
import { fingerprint, firstDifference } from '../fingerprint.js';
import { firstOf, type PassSubject } from './job.js';

/** Reproducible: nothing kept between runs, no clock, no randomness but the run's. */
export const sameBytesTwice: Clause<PassSubject> = {
  name: 'same-bytes-twice',
  promise: 'the same seed gives the same bytes',
  fix: "Take randomness from the run's `random`; keep nothing between runs, and read no clock.",
  breach: ({ jobs }) =>
    firstOf(jobs, async (job) => {
      const [first, second] = [await job.first(), await job.run(job.makeModel())];
      if (first.kind !== second.kind) return 'one run failed and the other did not';
      if (first.kind === 'refused' || second.kind === 'refused') return null;
      const [was, now] = [fingerprint(first.result.model), fingerprint(second.result.model)];
      return was === now ? null : `two runs with one seed differ: ${firstDifference(was, now)}`;
    }),
};
