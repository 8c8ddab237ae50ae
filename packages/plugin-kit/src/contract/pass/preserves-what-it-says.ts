import type { Clause } from '../clause.js';
import { firstOf, type PassSubject } from './job.js';

/**
 * What earlier passes achieved holds after it, or it says in `breaks` that it can't keep it: then a
 * manager refuses it behind them, before any time is lost.
 */
export const preservesWhatItSays: Clause<PassSubject> = {
  name: 'preserves-what-it-says',
  promise: 'it preserves what it says, and says what it breaks',
  fix: 'Keep it, or list it in `breaks`: zeros stay zero, shared values shared, quantized values quantized.',
  breach: ({ jobs, invariants, makePass }) => {
    const { preserves = [], breaks = [] } = makePass();
    const both = preserves.find((name) => breaks.includes(name));
    if (both !== undefined) return `it says that it preserves and that it breaks ${both}`;
    return firstOf(jobs, async (job) => {
      const outcome = await job.first();
      if (outcome.kind === 'refused') return null;
      for (const invariant of invariants) {
        if (breaks.includes(invariant.name)) continue;
        const violation = invariant.violation(outcome.before, outcome.result.model);
        if (violation === null) continue;
        const said = preserves.includes(invariant.name)
          ? `it says that it preserves ${invariant.name}, and`
          : `it does not say that it breaks ${invariant.name}, and`;
        return `${said} ${violation}`;
      }
      return null;
    });
  },
};
