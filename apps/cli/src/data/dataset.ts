import { type Batch, DataError, type Dataset, isFloat, type Tensor } from '@espalier/core';
import { isPlainImage, makeFeed } from './feed.js';
import type { Rows } from './rows.js';
import {
  checkNormalization,
  type DataOptions,
  type InputShape,
  planSamples,
  type SamplePlan,
} from './sample-plan.js';

interface Column {
  readonly rows: Rows;
  readonly input: InputShape;
  readonly plan: SamplePlan;
}

/**
 * Samples for a model's inputs, read from disk batch by batch: memory holds one batch, however many
 * there are. Can be gone through any number of times.
 */
export class FileDataset implements Dataset {
  readonly #columns: readonly Column[];
  readonly #options: DataOptions;
  readonly name: string;
  /** Class numbers of all samples, where known. */
  readonly labels: Int32Array | undefined;
  /** Number of samples; a multiple of `fixedBatch` where there is one. */
  readonly count: number;
  /** The model's batch size where it is fixed, else null. */
  readonly fixedBatch: number | null;
  /** What a reader of the results should know: samples left out, labels that are missing. */
  readonly notes: readonly string[];

  /**
   * @param rows - arrays by input name
   * @throws {DataError} when shapes, counts or types do not fit the inputs
   */
  constructor(
    inputs: readonly InputShape[],
    rows: ReadonlyMap<string, Rows>,
    options: DataOptions & { readonly limit?: number; readonly labels?: Int32Array } = {},
  ) {
    this.#options = options;
    this.#columns = inputs.map((input) => columnOf(input, rows, options));
    const available = commonCount(this.#columns);
    this.name = this.#columns[0]?.rows.name ?? '';
    this.labels = options.labels;
    checkLabels(this.labels, available, this.name);
    const wanted = Math.min(available, options.limit ?? available);
    this.fixedBatch = fixedBatchOf(inputs);
    const { count, notes } = wholeBatches(wanted, this.fixedBatch, this.#columns);
    this.count = count;
    this.notes = [...notes, ...this.#columns.flatMap((column) => bytesNote(column, options))];
  }

  get labelled(): boolean {
    return this.labels !== undefined;
  }

  /** Batches of `batchSize` samples, the last one smaller; of the model's own size where that is fixed. */
  async *batches(batchSize: number, limit: number = this.count): AsyncGenerator<Batch, void, undefined> {
    const size = this.fixedBatch ?? batchSize;
    const end = Math.min(this.count, limit);
    for (let start = 0; start < end; start += size) {
      // A model of fixed batch size takes no smaller last one.
      const rest = this.fixedBatch === null ? end - start : size;
      yield await this.#batch(start, Math.min(size, rest));
    }
  }

  async #batch(start: number, count: number): Promise<Batch> {
    const feeds: Record<string, Tensor> = {};
    for (const { rows, input, plan } of this.#columns) {
      const data = await rows.read(start, count);
      feeds[input.name] = makeFeed(data, rows.type, count, plan, input, this.#options, rows.name);
    }
    const labels = this.labels?.slice(start, start + count);
    return labels === undefined ? { feeds, count } : { feeds, count, labels };
  }

  /** Closes the files. */
  async close(): Promise<void> {
    for (const { rows } of this.#columns) await rows.close();
  }
}

function columnOf(input: InputShape, rows: ReadonlyMap<string, Rows>, options: DataOptions): Column {
  const own = rows.get(input.name);
  if (own === undefined) {
    throw new DataError({
      what: `The data has no array for input "${input.name}"; it has ${[...rows.keys()].map((name) => `"${name}"`).join(', ')}.`,
      fix: `Name it: --data ${input.name}=FILE, or an array of that name in a .npz.`,
    });
  }
  const plan = planSamples(own.name, own.dims, input, options);
  checkNormalization(own.name, own.type, input, plan, options);
  return { rows: own, input, plan };
}

/** Most image models are trained on normalised pixels, and what is fed wrong still gives numbers. */
function bytesNote({ rows, input, plan }: Column, options: DataOptions): readonly string[] {
  if (!isPlainImage(rows.type, plan, options)) return [];
  if (isFloat(input.dtype)) {
    return [
      `The bytes of "${rows.name}" are scaled to 0..1; where the model wants more, give --mean and --std, or --raw-bytes for 0..255.`,
    ];
  }
  if (input.dtype !== 'int8' || input.grid == null) return [];
  return [`The bytes of "${rows.name}" become codes by taking 128 away, as for .tflite files of images.`];
}

function commonCount(columns: readonly Column[]): number {
  const [first, ...others] = columns;
  if (first === undefined) {
    throw new DataError({ what: 'The model takes no inputs: there is nothing to feed.' });
  }
  for (const other of others) {
    if (other.plan.count === first.plan.count) continue;
    throw new DataError({
      what: `"${first.rows.name}" has ${first.plan.count} samples, "${other.rows.name}" has ${other.plan.count}.`,
      fix: 'Give as many samples for every input.',
    });
  }
  if (first.plan.count === 0) {
    throw new DataError({ what: `"${first.rows.name}" has no samples.`, fix: 'Give at least one.' });
  }
  return first.plan.count;
}

function checkLabels(labels: Int32Array | undefined, count: number, name: string): void {
  if (labels === undefined || labels.length === count) return;
  throw new DataError({
    what: `There are ${labels.length} labels for the ${count} samples of "${name}".`,
    fix: 'Give one label a sample, in the same order.',
  });
}

/** The batch size all inputs demand. */
function fixedBatchOf(inputs: readonly InputShape[]): number | null {
  for (const { dims } of inputs) {
    const batch = dims?.[0];
    if (typeof batch === 'number' && batch > 0) return batch;
  }
  return null;
}

function wholeBatches(
  wanted: number,
  batch: number | null,
  columns: readonly Column[],
): { readonly count: number; readonly notes: readonly string[] } {
  if (batch === null || wanted % batch === 0) return { count: wanted, notes: [] };
  const count = wanted - (wanted % batch);
  if (count === 0) {
    throw new DataError({
      what: `The model takes batches of ${batch} samples, "${columns[0]?.rows.name}" has ${wanted}.`,
      fix: `Give at least ${batch} samples.`,
    });
  }
  return {
    count,
    notes: [`The model takes batches of ${batch}: the last ${wanted - count} samples are left out.`],
  };
}
