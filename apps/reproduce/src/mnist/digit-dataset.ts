import { type Batch, type Dataset, Tensor } from '@espalier/core';
import { type Digits, PIXELS } from './mnist.js';

/** How digits are fed to a network. */
export interface DigitFeed {
  /** The network's input. */
  readonly input: string;
  /** Shape of one sample: [784] or [1, 28, 28]. */
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
    const { pixels, labels } = this.#digits;
    const { input, dims } = this.#feed;
    const bytes = pixels.subarray(start * PIXELS, (start + count) * PIXELS);
    const values = Float32Array.from(bytes, (byte) => byte / 255);
    return {
      feeds: { [input]: new Tensor('float32', values, [count, ...dims]) },
      count,
      labels: labels.slice(start, start + count),
    };
  }
}
