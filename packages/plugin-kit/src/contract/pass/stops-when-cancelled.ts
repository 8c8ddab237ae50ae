import { AbortedError } from '@espalier/core';
import { layeredModel } from '../../models/scaled-models.js';
import { seededData } from '../../models/seeded-data.js';
import { Tally, tallied } from '../../models/tallied-model.js';
import { type Clause, describeError } from '../clause.js';
import { firstOf, type Job, type PassSubject } from './job.js';

const layers = 12;

/**
 * A user who presses Cancel gets the page back. The pass hears of it where it awaits `progress`, which
 * throws; nobody can stop one that does not.
 */
export const stopsWhenCancelled: Clause<PassSubject> = {
  name: 'stops-when-cancelled',
  promise: 'it tells how far it is, and stops when the run is cancelled',
  fix: 'Await context.progress(done, total) once for each weight or batch, and let what it throws pass.',
  async breach(subject) {
    const model = layeredModel(layers, 8);
    const deep = subject.jobOn(`${layers} layers`, model, seededData(model));
    return (
      (await firstOf([deep], (job) => silence(subject, job))) ??
      (await firstOf([deep, ...subject.jobs], (job) => deafness(subject, job)))
    );
  },
};

/** A pass that goes through the weights without a word can't be stopped. */
async function silence({ makePass }: PassSubject, job: Job): Promise<string | null> {
  const tally = new Tally();
  const model = tallied(job.makeModel(), tally);
  let told = 0;
  const told_ = async (done: number, total: number): Promise<void> => {
    if (!(done >= 0 && done <= total)) throw new RangeError(`progress(${done}, ${total}) is no progress`);
    told++;
  };
  try {
    await job.runAlone(model, makePass(), { progress: told_ });
  } catch (error) {
    return error instanceof RangeError ? error.message : null;
  }
  if (tally.tensors < layers || told > 0) return null;
  return `it decoded ${tally.tensors} tensors and never awaited progress`;
}

/** What a pass does once it was told to stop. */
async function deafness({ makePass }: PassSubject, job: Job): Promise<string | null> {
  const cancel = new AbortController();
  const tally = new Tally();
  const model = tallied(job.makeModel(), tally);
  let decoded = 0;
  const stop = new AbortedError({ what: 'The run was cancelled.' });
  let outcome: unknown = null;
  try {
    await job.runAlone(model, makePass(), {
      signal: cancel.signal,
      progress: async () => {
        if (cancel.signal.aborted) throw stop;
        cancel.abort(stop);
        decoded = tally.tensors;
        throw stop;
      },
    });
  } catch (error) {
    outcome = error;
  }
  if (!cancel.signal.aborted || outcome === stop || outcome instanceof AbortedError) {
    const more = tally.tensors - decoded;
    return cancel.signal.aborted && more > layers / 4 ? `cancelled, it decoded ${more} tensors more` : null;
  }
  return outcome === null
    ? 'cancelled, it went on to the end'
    : `cancelled, it threw ${describeError(outcome)} in place of the AbortedError it got`;
}
