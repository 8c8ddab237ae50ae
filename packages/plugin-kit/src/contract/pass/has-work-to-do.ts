import { type Clause, describeError } from '../clause.js';
import type { PassSubject } from './job.js';

/** Promises about a pass that changes nothing would all be kept, and mean nothing. */
export const hasWorkToDo: Clause<PassSubject> = {
  name: 'has-work-to-do',
  promise: 'it changes at least one model, so that the other promises mean something',
  fix: 'Give the kit a model that the pass changes, in `models`, and what else it needs: `plugins`, `data`, `executor`.',
  async breach({ jobs }) {
    const errors = new Set<string>();
    for (const job of jobs) {
      const outcome = await job.first();
      if (outcome.kind === 'refused') errors.add(describeError(outcome.error));
      else if (outcome.result.report.passes[0]?.modified === true) return null;
    }
    const said = errors.size === 0 ? '' : `; it said: ${[...errors].join('; ')}`;
    return `it changed none of the ${jobs.length} models${said}`;
  },
};
