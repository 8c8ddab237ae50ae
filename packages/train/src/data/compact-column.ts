import { elementCount } from '@espalier/core';
import { readSamples, type SampleArray } from './samples.js';

/** Different values that one byte tells apart. */
const MOST = 256;

/** Slots of a hash table, four times as many. */
const SLOTS = 1024;

/** Slots of values are told apart along the first axis of samples with so few of them: the channels of a picture. */
const MOST_CHANNELS = 4;

/**
 * Float32 numbers of samples, held as bytes as long as there are no more than 256 different ones: pixels that were bytes,
 * whatever was done to them since, are bytes again, and give the same floats bit for bit. In samples with up to four
 * channels each of these has 256 of its own, since each may have been normalized by other numbers.
 */
export class CompactColumn {
  readonly #dims: readonly number[];
  readonly #size: number;
  readonly #count: number;
  readonly #codes: readonly ByteCodes[];
  #data: Uint8Array | Float32Array;

  /**
   * @param count - samples in all
   * @param dims - shape of one
   */
  constructor(count: number, dims: readonly number[]) {
    const [channels = 1] = dims;
    const isPicture = dims.length === 3 && channels <= MOST_CHANNELS;
    this.#dims = dims;
    this.#size = elementCount(dims);
    this.#count = count;
    this.#codes = Array.from({ length: isPicture ? channels : 1 }, () => new ByteCodes());
    this.#data = new Uint8Array(count * this.#size);
  }

  /** Puts samples behind `first` others. */
  set(values: Float32Array, first: number): void {
    if (this.#data instanceof Uint8Array && !this.#encode(values, first * this.#size, this.#data))
      this.#data = this.#expanded(first);
    if (this.#data instanceof Float32Array) this.#data.set(values, first * this.#size);
  }

  finish(): SampleArray {
    const [data, dims] = [this.#data, this.#dims];
    if (data instanceof Float32Array) return { data, dims };
    const values = new Float32Array(this.#codes.length * MOST);
    for (const [channel, codes] of this.#codes.entries()) values.set(codes.values, channel * MOST);
    return { data, dims, values };
  }

  /** False where there are too many different values. */
  #encode(values: Float32Array, start: number, to: Uint8Array): boolean {
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    const channels = this.#codes.length;
    const run = this.#size / channels;
    for (let at = 0, channel = 0; at < bits.length; at += run, channel = (channel + 1) % channels) {
      if (this.#codes[channel]?.encode(bits.subarray(at, at + run), to, start + at) !== true) return false;
    }
    return true;
  }

  /** Room for all as floats, with the first `count` samples in it. */
  #expanded(count: number): Float32Array {
    const floats = new Float32Array(this.#count * this.#size);
    readSamples(
      this.finish(),
      Uint32Array.from({ length: count }, (_, i) => i),
      floats,
    );
    return floats;
  }
}

/** Up to 256 words, numbered as they come. */
class ByteCodes {
  readonly #keys = new Int32Array(SLOTS);
  /** -1 where a slot is free. */
  readonly #codes = new Int16Array(SLOTS).fill(-1);
  readonly #words = new Int32Array(MOST);
  #count = 0;

  /** What each byte stands for. */
  get values(): Float32Array {
    return new Float32Array(this.#words.buffer);
  }

  /** Writes the number of each word from `start` on; false where they are more than 256 different ones. */
  encode(words: Int32Array, to: Uint8Array, start: number): boolean {
    let [last, code] = [0, -1];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number; // i < length
      // Neighbours are often alike.
      if (word !== last || code < 0) {
        code = this.#codeOf(word);
        if (code < 0) return false;
        last = word;
      }
      to[start + i] = code;
    }
    return true;
  }

  #codeOf(word: number): number {
    // The upper bits of a product by a number near 2^32 / golden ratio: Knuth, volume 3, section 6.4.
    let slot = Math.imul(word, 0x9e3779b1) >>> 22;
    for (;;) {
      const code = this.#codes[slot] as number; // slot < SLOTS
      if (code >= 0 && this.#keys[slot] === word) return code;
      if (code < 0) break;
      slot = (slot + 1) % SLOTS;
    }
    if (this.#count === MOST) return -1;
    this.#keys[slot] = word;
    this.#codes[slot] = this.#count;
    this.#words[this.#count] = word;
    return this.#count++;
  }
}
