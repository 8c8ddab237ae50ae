import { PROBABILITY_BITS } from './logistic.js';
import { MIN_RANGE, START_RANGE, WINDOW_BYTES } from './range.js';

/** 2^32: what lies above in `low` is a carry into bytes that were given out. */
const CARRY = 2 ** 32;
const TOP_BYTE = 2 ** 24;

/**
 * A binary arithmetic coder of 31 bits that gives out bytes, as Martin 1979 and the LZMA format have it.
 *
 * The number that codes all bits so far lies in [low, low + range). What is in the upper part of the range is a 0, in
 * the lower a 1.
 */
export class RangeEncoder {
  #bytes = new Uint8Array(256);
  #length = 0;
  /** Below 2^33: 32 bits and a carry. */
  #low = 0;
  #range: number = START_RANGE;
  /** The last byte below 255; a carry can still reach it. -1 before the first. */
  #held = -1;
  /** How many 255s follow it, which would become zeros. */
  #full = 0;
  /** Bytes that have left the window, given out or not. */
  #shifted = 0;

  /** @param probability - that of a 1, 1..4095 */
  encode(bit: number, probability: number): void {
    const bound = (this.#range >>> PROBABILITY_BITS) * probability;
    if (bit === 1) {
      this.#range = bound;
    } else {
      this.#low += bound;
      this.#range -= bound;
    }
    while (this.#range < MIN_RANGE) {
      this.#range <<= 8;
      this.#shift();
    }
  }

  /** A number below `total` where all are as likely. `total` is 1..2^16. */
  encodeUniform(value: number, total: number): void {
    const part = Math.floor(this.#range / total);
    this.#low += part * value;
    this.#range = part;
    while (this.#range < MIN_RANGE) {
      this.#range <<= 8;
      this.#shift();
    }
  }

  /**
   * All bytes: of the window's last ones no more than tell the range, the rest are zeros to the reader. So a reader that
   * wants more than `WINDOW_BYTES` past the end knows that something is missing. The encoder is of no use afterwards.
   */
  finish(): Uint8Array {
    const needed = this.#shifted;
    const last = this.#low + this.#range - 1;
    let unit = CARRY;
    while (Math.floor(last / unit) * unit < this.#low) unit /= 2;
    this.#low = Math.floor(last / unit) * unit;
    for (let i = 0; i <= WINDOW_BYTES; i++) this.#shift();
    while (this.#length > needed && this.#bytes[this.#length - 1] === 0) this.#length--;
    return this.#bytes.slice(0, this.#length);
  }

  #shift(): void {
    this.#shifted++;
    if (this.#low < CARRY - TOP_BYTE || this.#low >= CARRY) {
      const carry = this.#low >= CARRY ? 1 : 0;
      if (this.#held >= 0) this.#put(this.#held + carry);
      for (; this.#full > 0; this.#full--) this.#put(255 + carry);
      this.#held = Math.floor(this.#low / TOP_BYTE) & 255;
    } else {
      this.#full++;
    }
    this.#low = (this.#low % TOP_BYTE) * 256;
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = byte;
  }
}
