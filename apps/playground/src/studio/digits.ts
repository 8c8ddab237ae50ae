import { type Batch, DataError, type Dataset, Tensor } from '@espalier/core';

const PIXELS = 28 * 28;

/** Images as bytes, and the digit that each shows. */
export interface Digits {
  readonly name: string;
  readonly count: number;
  /** [count, 28, 28] */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

export type DigitSet = 'held-out' | 'calibration' | 'training';

const names: Readonly<Record<DigitSet, string>> = {
  'held-out': 'MNIST test digits',
  calibration: 'MNIST validation digits',
  training: 'MNIST training digits',
};

const loaded = new Map<DigitSet, Promise<Digits>>();

/** Fetches a set of digits, once. @throws {DataError} where it can't be fetched */
export function loadDigits(set: DigitSet, base: string): Promise<Digits> {
  const known = loaded.get(set);
  if (known !== undefined) return known;
  const digits = fetchDigits(set, base);
  loaded.set(set, digits);
  digits.catch(() => loaded.delete(set));
  return digits;
}

async function fetchDigits(set: DigitSet, base: string): Promise<Digits> {
  const [images, classes] = await Promise.all(
    (['images', 'labels'] as const).map((part) => fetchBytes(`${base}digits/${set}-${part}.idx.gz`)),
  );
  // The headers of IDX files are 16 and 8 bytes.
  const [pixels, labels] = [images?.subarray(16), classes?.subarray(8)];
  if (pixels === undefined || labels === undefined || pixels.length !== labels.length * PIXELS)
    throw new DataError({ what: 'The digits of the page are damaged.', where: set, fix: 'Reload the page.' });
  return { name: names[set], count: labels.length, pixels, labels: Int32Array.from(labels) };
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => null);
  if (response?.ok !== true) {
    throw new DataError({
      what: 'The digits could not be fetched.',
      where: url,
      fix: 'Go online once: after the first time they are kept.',
    });
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers name the compression, and the browser then undoes it by itself.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** How a network takes a digit. */
export interface DigitFeed {
  readonly input: string;
  /** [784] or [1, 28, 28]. */
  readonly dims: readonly number[];
}

/** Digits as a data set: bytes in memory, made float32 from 0 to 1 a batch at a time. */
export class DigitDataset implements Dataset {
  readonly name: string;
  readonly count: number;
  readonly labelled: boolean = true;
  readonly #digits: Digits;
  readonly #feed: DigitFeed;

  constructor(digits: Digits, feed: DigitFeed) {
    this.name = digits.name;
    this.count = digits.count;
    this.#digits = digits;
    this.#feed = feed;
  }

  async *batches(batchSize: number, limit: number = this.count): AsyncGenerator<Batch, void, undefined> {
    const end = Math.min(this.count, limit);
    for (let start = 0; start < end; start += batchSize)
      yield this.#batch(start, Math.min(batchSize, end - start));
  }

  #batch(start: number, count: number): Batch {
    const bytes = this.#digits.pixels.subarray(start * PIXELS, (start + count) * PIXELS);
    const values = Float32Array.from(bytes, (byte) => byte / 255);
    return {
      feeds: { [this.#feed.input]: new Tensor('float32', values, [count, ...this.#feed.dims]) },
      count,
      labels: this.#digits.labels.slice(start, start + count),
    };
  }
}
