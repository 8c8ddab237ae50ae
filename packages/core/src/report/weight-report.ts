import { describeEncoding } from '../encoding/encoding.js';
import type { Model, Weight } from '../ir/model.js';
import { toNumbers } from '../tensor/tensor.js';
import type { WeightReport } from './report.js';
import { Similarity } from './similarity.js';

/**
 * Weights of `after` beside those of the same name and shape in `before`, the model that the lossy passes
 * began with.
 */
export function reportWeights(before: Model, after: Model): readonly WeightReport[] {
  const originals = new Map(before.weights().map((weight) => [weight.name, weight]));
  return after.weights().map((weight) => reportWeight(originals.get(weight.name) ?? null, weight));
}

function reportWeight(before: Weight | null, after: Weight): WeightReport {
  const values = toNumbers(after.decode());
  const similarity = new Similarity();
  // A weight that was reshaped or lost channels has no counterpart to be compared with.
  const original = before?.encoding.dims.join() === after.encoding.dims.join() ? before : null;
  if (original !== null && original.encoding !== after.encoding)
    similarity.add(toNumbers(original.decode()), values);
  return {
    name: after.name,
    op: after.op,
    dims: after.encoding.dims,
    bytesBefore: before?.encoding.byteLength ?? values.length * 4,
    bytesAfter: after.encoding.byteLength,
    encodingBefore: before === null ? '' : describeEncoding(before.encoding),
    encodingAfter: describeEncoding(after.encoding),
    density: values.length === 0 ? 1 : countNonZero(values) / values.length,
    sqnrDb: similarity.sqnrDb,
  };
}

function countNonZero(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
