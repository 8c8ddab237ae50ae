import { type Model, toNumbers, walkEncoding } from '@espalier/core';
import type { Clause } from '../clause.js';
import type { PassSubject } from './job.js';

/** What can be seen in a model of each of core's invariants; those of plugins are not known here. */
const signs: Readonly<Record<string, (before: Model, after: Model) => boolean>> = {
  sparsity: (before, after) => zerosOf(after) > zerosOf(before),
  codebook: (_, after) => hasKind(after, 'codebook'),
  quantization: (_, after) =>
    hasKind(after, 'affine') || after.graph.values.some(({ type }) => type?.quantization !== undefined),
  'folded-norms': (before, after) => normsOf(after) < normsOf(before),
};

/** What it says to establish, later passes have to keep: it had better be there. */
export const establishesWhatItSays: Clause<PassSubject> = {
  name: 'establishes-what-it-says',
  promise: 'what it says to establish is there after it',
  fix: 'Take it out of `establishes`, or give a model on which the pass does it.',
  async breach({ jobs, makePass }) {
    const missing = new Set((makePass().establishes ?? []).filter((name) => name in signs));
    for (const job of jobs) {
      if (missing.size === 0) break;
      const outcome = await job.first();
      if (outcome.kind === 'refused' || outcome.result.report.passes[0]?.modified !== true) continue;
      for (const name of missing)
        if (signs[name]?.(outcome.before, outcome.result.model)) missing.delete(name);
    }
    if (missing.size === 0) return null;
    return `it says that it establishes ${[...missing].join(', ')}, and no model shows that`;
  },
};

function zerosOf(model: Model): number {
  let zeros = 0;
  for (const weight of model.weights()) {
    const values = toNumbers(weight.decode());
    for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  }
  return zeros;
}

function hasKind(model: Model, kind: string): boolean {
  return model.graph.constants.some(
    ({ constant }) =>
      constant !== null && [...walkEncoding(constant)].some(({ encoding }) => encoding.kind === kind),
  );
}

function normsOf({ graph }: Model): number {
  return graph.nodesOf('BatchNormalization').length;
}
