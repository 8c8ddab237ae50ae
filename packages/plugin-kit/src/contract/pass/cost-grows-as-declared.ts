import { EspalierError } from '@espalier/core';
import { layeredModel } from '../../models/scaled-models.js';
import { seededData } from '../../models/seeded-data.js';
import { Tally, tallied } from '../../models/tallied-model.js';
import type { Clause } from '../clause.js';
import { StepCounter } from '../step-counter.js';
import type { PassSubject } from './job.js';

const orders = { linear: 1, quadratic: 2 } as const;

/** Room for n log n, and for what a first run costs once. */
const slack = 0.3;

/**
 * Four times the weights take about four times the work, unless the pass says otherwise (then it is tried on
 * twice as many). Work is counted,
 * not timed: elements decoded, and the steps of JavaScript that V8 counts.
 */
export const costGrowsAsDeclared: Clause<PassSubject> = {
  name: 'cost-grows-as-declared',
  promise: 'its work grows as it declares: with the number of weights, or with its square',
  fix: 'Go through weights and nodes once, or declare `cost: () => "quadratic"` so that users know.',
  async breach(subject) {
    const job = subject.jobOn('', layeredModel(1, 1));
    const cost = subject.makePass().cost?.(job.settings) ?? 'linear';
    if (!(cost in orders)) return `its cost is "${String(cost)}"`;
    return (await growth(subject, 'wide', cost)) ?? growth(subject, 'deep', cost);
  },
};

async function growth(
  subject: PassSubject,
  shape: 'wide' | 'deep',
  cost: keyof typeof orders,
): Promise<string | null> {
  const works: Work[] = [];
  const factor = cost === 'linear' ? 4 : 2;
  for (const size of [1, 1, factor]) {
    const work = await workOn(subject, shape, size);
    if (work === null) return null;
    works.push(work);
  }
  // The first run compiled and filled what the others use.
  const [, small, large] = works as [Work, Work, Work];
  for (const what of ['elements decoded', 'steps'] as const) {
    const order = Math.log(large[what] / Math.max(1, small[what])) / Math.log(factor);
    if (order > orders[cost] + slack) {
      return `it declares ${cost} cost, and ${factor} times the weights (${shape}) took ${small[what]} to ${large[what]} ${what}, the power ${order.toFixed(2)}`;
    }
  }
  return null;
}

interface Work {
  readonly 'elements decoded': number;
  readonly steps: number;
}

/** The work of a run; null where the pass can't run here. */
async function workOn(subject: PassSubject, shape: 'wide' | 'deep', size: number): Promise<Work | null> {
  const source = shape === 'wide' ? layeredModel(4, 16 * size, 8) : layeredModel(8 * size, 8);
  const job = subject.jobOn(`${shape} x${size}`, source, seededData(source));
  const tally = new Tally();
  const model = tallied(job.makeModel(), tally);
  const pass = subject.makePass();
  const counter = StepCounter.start();
  try {
    await job.runAlone(model, pass);
    return { 'elements decoded': tally.elements, steps: counter.stop() };
  } catch (error) {
    if (error instanceof EspalierError) return null;
    throw error;
  } finally {
    counter.stop();
  }
}
