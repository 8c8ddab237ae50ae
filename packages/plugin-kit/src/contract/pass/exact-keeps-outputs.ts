import { EspalierError, type Executor, type Feeds, type Model } from '@espalier/core';
import { relativeDifference, seededFeeds } from '../../compare-outputs.js';
import type { Clause } from '../clause.js';
import { firstOf, type PassSubject } from './job.js';

/** Float arithmetic in another order, relative to the largest output. */
const tolerance = 1e-4;

/** An exact pass is trusted where nobody measures: its outputs are those of the model it got. */
export const exactKeepsOutputs: Clause<PassSubject> = {
  name: 'exact-keeps-outputs',
  promise: 'an exact pass keeps the outputs',
  fix: 'Say effect: "lossy", so that what it costs is measured and reported.',
  breach({ jobs, executor, makePass }) {
    const pass = makePass();
    const { effect } = pass;
    if (effect !== 'exact' && effect !== 'lossy') return `its effect is "${String(effect)}"`;
    if (executor === null) return null;
    return firstOf(jobs, async (job) => {
      if ((pass.effectOf?.(job.settings) ?? effect) === 'lossy') return null;
      const outcome = await job.first();
      if (outcome.kind === 'refused') return null;
      const feeds = seededFeeds(outcome.before);
      const [was, now] = [
        await outputsOf(executor, outcome.before, feeds),
        await outputsOf(executor, outcome.result.model, feeds),
      ];
      if (was === null) return null;
      if (now === null) return 'what ran before it does not run after it';
      for (const [name, tensor] of Object.entries(was)) {
        const other = now[name];
        if (other === undefined) return `the output "${name}" is gone`;
        if (other.type !== tensor.type || other.dims.join() !== tensor.dims.join())
          return `the output "${name}" is of another type or shape`;
        const difference = relativeDifference(tensor, other);
        if (!(difference <= tolerance)) return `the output "${name}" is off by ${difference.toPrecision(3)}`;
      }
      return null;
    });
  },
};

/** Null where the executor can't run the model. */
async function outputsOf(executor: Executor, model: Model, feeds: Feeds): Promise<Feeds | null> {
  try {
    const execution = await executor.prepare(model);
    try {
      return await execution.run(feeds);
    } finally {
      execution.dispose();
    }
  } catch (error) {
    if (error instanceof EspalierError) return null;
    throw error;
  }
}
