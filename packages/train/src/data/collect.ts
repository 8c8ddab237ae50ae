import { DataError, type Dataset, elementCount, type Tensor, toFloat32 } from '@espalier/core';
import { CompactColumn } from './compact-column.js';
import { type SampleArray, type Samples, samples } from './samples.js';

/**
 * Reads a data set into memory, where it can be read in any order. What has no more than 256 different values, as pixels
 * that were bytes, takes a byte each.
 *
 * @throws {DataError} when batches have unlike shapes, or are not as many samples and labels as the data set says
 */
export async function collectSamples(dataset: Dataset): Promise<Samples> {
  const columns = new Map<string, Column>();
  const labels = new Int32Array(dataset.labelled ? dataset.count : 0);
  let count = 0;
  for await (const batch of dataset.batches(256)) {
    for (const [name, tensor] of Object.entries(batch.feeds)) {
      const known = columns.get(name) ?? new Column(name, dataset.count, tensor.dims.slice(1));
      columns.set(name, known);
      known.add(tensor, count);
    }
    if (dataset.labelled) {
      if (batch.labels?.length !== batch.count) {
        throw new DataError({
          what: `A batch of ${batch.count} samples came with ${batch.labels?.length ?? 0} labels.`,
          where: `data set "${dataset.name}"`,
        });
      }
      labels.set(batch.labels, count);
    }
    count += batch.count;
  }
  if (count !== dataset.count) {
    throw new DataError({
      what: `The data set gave ${count} samples, and says it has ${dataset.count}.`,
      where: `data set "${dataset.name}"`,
    });
  }
  const inputs = Object.fromEntries([...columns].map(([name, column]) => [name, column.array()]));
  return samples({ name: dataset.name, inputs, ...(dataset.labelled ? { labels } : {}) });
}

/** Input by input of all samples. */
class Column {
  readonly #name: string;
  readonly #dims: readonly number[];
  readonly #size: number;
  readonly #count: number;
  readonly #numbers: CompactColumn;

  constructor(name: string, count: number, dims: readonly number[]) {
    this.#name = name;
    this.#dims = dims;
    this.#size = elementCount(dims);
    this.#count = count;
    this.#numbers = new CompactColumn(count, dims);
  }

  add(tensor: Tensor, first: number): void {
    const fits = tensor.dims.slice(1).join() === this.#dims.join();
    if (!fits || first + tensor.data.length / this.#size > this.#count) {
      throw new DataError({
        what: `A batch has the shape [${tensor.dims.join(', ')}], others have samples of [${this.#dims.join(', ')}].`,
        where: `input "${this.#name}"`,
      });
    }
    this.#numbers.set(toFloat32(tensor), first);
  }

  array(): SampleArray {
    return this.#numbers.finish();
  }
}
