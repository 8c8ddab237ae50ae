import { FormatError } from '@espalier/core';
import { PROBABILITY_BITS } from './logistic.js';
import { MIN_RANGE, START_RANGE, WINDOW_BYTES } from './range.js';

/**
 * Reads back what a `RangeEncoder` wrote. The first few bytes past the end are zeros that the encoder left out.
 *
 * @throws {FormatError} from any call, when the stream holds what no encoder writes
 */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #next = 0;
  /** The number that the bytes are, less what the bits so far stand for. Below the range in every sound stream. */
  #code = 0;
  #range: number = START_RANGE;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#code = openWindow(bytes);
    this.#next = WINDOW_BYTES;
  }

  /** @param probability - that of a 1, 1..4095 */
  decode(probability: number): number {
    const bound = (this.#range >>> PROBABILITY_BITS) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      bit = 1;
    } else {
      this.#code -= bound;
      this.#range -= bound;
    }
    while (this.#range < MIN_RANGE) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#byte();
    }
    return bit;
  }

  /** A number below `total` where all are as likely. `total` is 1..2^16. */
  decodeUniform(total: number): number {
    const part = Math.floor(this.#range / total);
    const value = Math.floor(this.#code / part);
    // What the division leaves over is no number of an encoder's.
    if (value >= total) throw damaged('it holds a number that no encoder writes');
    this.#code -= part * value;
    this.#range = part;
    while (this.#range < MIN_RANGE) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#byte();
    }
    return value;
  }

  /**
   * Checks that the bytes end where the last bit did.
   *
   * @throws {FormatError} when bytes are left over or missing
   */
  finish(): void {
    checkEnd(this.#next, this.#bytes.length);
  }

  #byte(): number {
    const at = this.#next++;
    return at < this.#bytes.length ? this.#bytes[at]! : 0;
  }
}

/** The first bytes of a stream as a number. */
export function openWindow(bytes: Uint8Array): number {
  let code = 0;
  for (let i = 0; i < WINDOW_BYTES; i++) code = (code << 8) | (bytes[i] ?? 0);
  // 31 bits are in use.
  if (code < 0) throw damaged('it starts with a bit that no stream has');
  return code;
}

/**
 * Checks that a decoder which has read up to byte `next` of `end` is through with them.
 *
 * @throws {FormatError} when bytes are left over, or more are missing than an encoder leaves out
 */
export function checkEnd(next: number, end: number): void {
  if (next < end) throw damaged(`${end - next} of its ${end} bytes are left over`);
  if (next > end + WINDOW_BYTES) throw damaged(`it goes on after its ${end} bytes`);
}

/** An error of a stream that no encoder has written. */
export function damaged(what: string): FormatError {
  return new FormatError({
    what: `An arithmetic-coded stream is damaged: ${what}.`,
    fix: 'The file is damaged: fetch or write it again.',
  });
}

/** A bit costs at least log2(4096 / 4095): a byte holds no more than 22,720 of them, rounding included. */
const MOST_BITS_A_BYTE = 23_000;

/**
 * Checks a claim before memory is taken for it.
 *
 * @throws {FormatError} when a stream of `byteLength` bytes can't hold `count` bits, however likely these are
 */
export function checkCount(count: number, byteLength: number): void {
  if (count <= (byteLength + 2 * WINDOW_BYTES) * MOST_BITS_A_BYTE) return;
  throw damaged(`${byteLength} bytes can't hold ${count} symbols`);
}
