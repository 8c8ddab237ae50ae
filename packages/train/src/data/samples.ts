import { DataError } from '@espalier/core';

/** One input of all samples, in the type it is stored in: real = scale * stored + offset, or values[stored]. */
export interface SampleArray {
  /** The samples one after the other. */
  readonly data: Float32Array | Uint8Array;
  /** Shape of one sample. */
  readonly dims: readonly number[];
  /** Default 1. */
  readonly scale?: number;
  /** Default 0. */
  readonly offset?: number;
  /**
   * What stored bytes stand for, in place of scale and offset: 256 numbers, or 256 for each index along the first of `dims`.
   */
  readonly values?: Float32Array;
}

/** Samples in memory, read in any order. Bytes stay bytes until they are in a batch. */
export interface Samples {
  /** For messages. */
  readonly name: string;
  readonly count: number;
  /** By the name of the input. */
  readonly inputs: Readonly<Record<string, SampleArray>>;
  /** The class of each sample. */
  readonly labels: ArrayLike<number> | null;
  /** What the output is to be, for losses that compare numbers. */
  readonly targets: SampleArray | null;
}

/** What `samples` takes. */
export interface SamplesSpec {
  readonly name?: string;
  readonly inputs: Readonly<Record<string, SampleArray>>;
  readonly labels?: ArrayLike<number>;
  readonly targets?: SampleArray;
}

/**
 * Samples that are in memory.
 *
 * @throws {DataError} when the arrays disagree on how many there are
 */
export function samples({ name = 'samples', inputs, labels, targets }: SamplesSpec): Samples {
  const counts = [
    ...Object.entries(inputs).map(([input, array]) => [`input "${input}"`, countOf(array)] as const),
    ...(labels === undefined ? [] : [['labels', labels.length] as const]),
    ...(targets === undefined ? [] : [['targets', countOf(targets)] as const]),
  ];
  const count = counts[0]?.[1] ?? 0;
  if (count === 0 || counts.some(([, other]) => other !== count)) {
    throw new DataError({
      what: `There are ${counts.map(([what, number]) => `${number} of ${what}`).join(', ')}.`,
      where: `data set "${name}"`,
      fix: 'Give as many of each, and at least one.',
    });
  }
  return { name, count, inputs, labels: labels ?? null, targets: targets ?? null };
}

function countOf({ data, dims }: SampleArray): number {
  const size = dims.reduce((a, b) => a * b, 1);
  return size > 0 ? data.length / size : 0;
}

/** Copies samples, converted to float32, one after the other. */
export function readSamples(array: SampleArray, indices: ArrayLike<number>, to: Float32Array): void {
  const { data, scale = 1, offset = 0, values } = array;
  const size = array.dims.reduce((a, b) => a * b, 1);
  const isPlain = scale === 1 && offset === 0;
  for (let i = 0, at = 0; i < indices.length; i++, at += size) {
    const from = (indices[i] as number) * size; // i < length
    if (values !== undefined) {
      lookUp(data.subarray(from, from + size), values, to.subarray(at, at + size));
      continue;
    }
    if (isPlain) {
      to.set(data.subarray(from, from + size), at);
      continue;
    }
    // In range: from + j is below the length of the samples.
    for (let j = 0; j < size; j++) to[at + j] = scale * (data[from + j] as number) + offset;
  }
}

/** Runs of equal length, each with 256 numbers of its own. */
function lookUp(stored: Float32Array | Uint8Array, values: Float32Array, to: Float32Array): void {
  const run = stored.length / (values.length / 256);
  for (let first = 0, own = 0; first < stored.length; first += run, own += 256) {
    // In range: what is stored is a byte, and i below the length of both.
    for (let i = first; i < first + run; i++) to[i] = values[own + (stored[i] as number)] as number;
  }
}
