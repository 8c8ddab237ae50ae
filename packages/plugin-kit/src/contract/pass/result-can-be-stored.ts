import { verify } from '@espalier/core';
import { copyModel } from '../../models/copy-model.js';
import type { Clause } from '../clause.js';
import { fingerprint, firstDifference } from '../fingerprint.js';
import { firstOf, type PassSubject } from './job.js';

/** A sound model whose weights come back from their bytes with what is installed. */
export const resultCanBeStored: Clause<PassSubject> = {
  name: 'result-can-be-stored',
  promise: 'its result is sound, and comes back from its bytes',
  fix: 'Register the encodings that the pass writes, and leave the graph as `verify` wants it.',
  breach: ({ jobs, kinds }) =>
    firstOf(jobs, async (job) => {
      const outcome = await job.first();
      if (outcome.kind === 'refused') return null;
      const { model } = outcome.result;
      verify(model);
      const [was, now] = [fingerprint(model), fingerprint(copyModel(model, kinds))];
      return was === now ? null : `read back, its result is another: ${firstDifference(was, now)}`;
    }),
};
