import { DataError } from '../errors/errors.js';
import { isFloat } from '../tensor/data-type.js';
import { type Tensor, toNumbers } from '../tensor/tensor.js';
import type { Batch, Dataset, RunData } from './dataset.js';

/**
 * The same samples, but that reading one with NaN or an infinity in it is an error that says which. One such
 * number makes every range, mean and gradient behind it one too, and what is then refused is not what is wrong.
 *
 * @returns a data set whose batches throw {DataError}
 */
export function finiteDataset(data: Dataset): Dataset {
  return {
    name: data.name,
    count: data.count,
    labelled: data.labelled,
    async *batches(batchSize, limit) {
      let first = 0;
      for await (const batch of data.batches(batchSize, limit)) {
        assertFinite(batch, first, data.name);
        first += batch.count;
        yield batch;
      }
    },
  };
}

/** The data sets of a run, each as `finiteDataset` makes it. */
export function finiteRunData(data: RunData): RunData {
  const roles = Object.entries(data) as readonly (readonly [keyof RunData, Dataset | undefined])[];
  return Object.fromEntries(
    roles.flatMap(([role, dataset]) => (dataset === undefined ? [] : [[role, finiteDataset(dataset)]])),
  );
}

function assertFinite({ feeds, count }: Batch, first: number, name: string): void {
  for (const [input, tensor] of Object.entries(feeds)) {
    const at = isFloat(tensor.type) ? firstNotFinite(tensor) : -1;
    if (at < 0) continue;
    const perSample = tensor.size / Math.max(1, count);
    throw new DataError({
      what: `Sample ${first + Math.floor(at / perSample)} holds ${toNumbers(tensor)[at]} for input "${input}", at element ${at % perSample}.`,
      where: `data set "${name}"`,
      fix: 'Leave that sample out, or mend what made it; samples are counted from 0.',
    });
  }
}

function firstNotFinite(tensor: Tensor): number {
  const values = toNumbers(tensor);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}
