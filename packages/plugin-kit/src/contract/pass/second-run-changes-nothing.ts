import type { Clause } from '../clause.js';
import { fingerprint, firstDifference } from '../fingerprint.js';
import { firstOf, type PassSubject } from './job.js';

/** Run on its own output, a pass has nothing to do. Some can't promise it, and their tests say so. */
export const secondRunChangesNothing: Clause<PassSubject> = {
  name: 'second-run-changes-nothing',
  promise: 'a second run changes nothing',
  fix: 'Look for what is done already; or say `idempotent: false` in the test, and why in the README.',
  breach: ({ jobs, idempotent }) => {
    if (!idempotent) return null;
    return firstOf(jobs, async (job) => {
      const first = await job.first();
      if (first.kind === 'refused') return null;
      const once = first.result.model;
      const second = await job.run(once);
      if (second.kind === 'refused') return 'the second run failed';
      const [was, now] = [fingerprint(once), fingerprint(second.result.model)];
      return was === now ? null : `the second run changed the model: ${firstDifference(was, now)}`;
    });
  },
};
