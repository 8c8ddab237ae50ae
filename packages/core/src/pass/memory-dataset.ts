import { ShapeError } from '../errors/errors.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import type { Batch, Dataset } from './dataset.js';
import type { Feeds } from './executor.js';

/**
 * A data set that is in memory: one stacked tensor for each input.
 *
 * @param feeds - each of shape [count, ...]; cut along the first dimension, without copies
 * @param labels - the right class of each sample
 * @throws {ShapeError} when the tensors disagree on how many samples there are
 */
export function memoryDataset(name: string, feeds: Feeds, labels?: Int32Array): Dataset {
  const counts = Object.values(feeds).map((tensor) => tensor.dims[0] ?? 0);
  const count = counts[0] ?? 0;
  if (counts.some((other) => other !== count) || (labels !== undefined && labels.length !== count)) {
    throw new ShapeError({
      what: `The tensors hold ${[...counts, ...(labels === undefined ? [] : [labels.length])].join(', ')} samples.`,
      where: `data set ${name}`,
      fix: 'Stack as many samples in each, along the first dimension.',
    });
  }
  return {
    name,
    count,
    labelled: labels !== undefined,
    async *batches(batchSize, limit = count) {
      const end = Math.min(count, limit);
      for (let start = 0; start < end; start += batchSize) {
        yield cut(feeds, labels, start, Math.min(end, start + batchSize));
      }
    },
  };
}

function cut(feeds: Feeds, labels: Int32Array | undefined, start: number, end: number): Batch {
  const entries = Object.entries(feeds).map(([name, tensor]) => [name, rows(tensor, start, end)] as const);
  const batch = { feeds: Object.fromEntries(entries), count: end - start };
  return labels === undefined ? batch : { ...batch, labels: labels.subarray(start, end) };
}

/** Rows [start, end) of a tensor, as a view. */
function rows(tensor: Tensor, start: number, end: number): Tensor {
  const row = elementCount(tensor.dims.slice(1));
  return new Tensor(tensor.type, tensor.data.subarray(start * row, end * row), [
    end - start,
    ...tensor.dims.slice(1),
  ]);
}
