import { type Executor, type Feeds, type Model, type Tensor, tensorOf, toNumbers } from '@espalier/core';
import { expect } from 'vitest';
import { seededValues } from './seeded-values.js';

export interface CompareOptions {
  /** Largest difference, relative to the largest output. */
  readonly tolerance: number;
  /** What both are fed; made from a seed where not given. */
  readonly feeds?: Feeds;
}

/** Runs both models on the same inputs and expects the same outputs, but for rounding. */
export async function expectSameOutputs(
  before: Model,
  after: Model,
  executor: Executor,
  { tolerance, feeds = seededFeeds(before) }: CompareOptions,
): Promise<void> {
  const wanted = await runModel(before, executor, feeds);
  const found = await runModel(after, executor, feeds);
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, tensor] of Object.entries(wanted)) {
    const other = found[name];
    expect(other?.dims, `shape of "${name}"`).toEqual(tensor.dims);
    expect(other?.type, `type of "${name}"`).toBe(tensor.type);
    if (other !== undefined) {
      expect(relativeDifference(tensor, other), `difference of "${name}"`).toBeLessThanOrEqual(tolerance);
    }
  }
}

async function runModel(model: Model, executor: Executor, feeds: Feeds): Promise<Feeds> {
  const execution = await executor.prepare(model);
  try {
    return await execution.run(feeds);
  } finally {
    execution.dispose();
  }
}

/** Seeded inputs for a model: named dims are 2, integers are zeros and ones. */
export function seededFeeds(model: Model): Feeds {
  const feeds = model.graph.inputs.map((input): [string, Tensor] => {
    const { dtype = 'float32', dims } = input.type ?? {};
    const sizes = (dims ?? []).map((dim) => (typeof dim === 'number' ? dim : 2));
    const count = sizes.reduce((product, dim) => product * dim, 1);
    const values = seededValues(input.name, count, -4, 4);
    const fitting = dtype.startsWith('float') ? values : values.map((value) => Number(value > 0));
    return [input.name, tensorOf(dtype, fitting, sizes)];
  });
  return Object.fromEntries(feeds);
}

/** The largest difference of two tensors, relative to the largest magnitude of the first. */
export function relativeDifference(a: Tensor, b: Tensor): number {
  const [x, y] = [toNumbers(a), toNumbers(b)];
  let scale = Number.MIN_VALUE;
  let difference = 0;
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i] ?? 0, y[i] ?? 0];
    if (Object.is(p, q) || p === q) continue;
    // NaN or infinity in only one of them is as different as can be.
    if (!Number.isFinite(p) || !Number.isFinite(q)) return Infinity;
    difference = Math.max(difference, Math.abs(p - q));
  }
  for (let i = 0; i < x.length; i++) if (Number.isFinite(x[i])) scale = Math.max(scale, Math.abs(x[i] ?? 0));
  return difference === 0 ? 0 : difference / scale;
}
