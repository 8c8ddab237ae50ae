import { FormatError } from '@espalier/core';

/** Writes small fields from the low bit of each byte up. For tables; streams have their own loop. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;

  /** Appends the low `width` bits of `value`, 0..24. */
  write(value: number, width: number): void {
    for (let i = 0; i < width; i++) {
      if (this.#bits % 8 === 0) this.#bytes.push(0);
      const bit = (value >>> i) & 1;
      this.#bytes[this.#bytes.length - 1]! |= bit << (this.#bits % 8);
      this.#bits++;
    }
  }

  /** Elias gamma: as many zeros as `value` has bits below its first, then the value. `value` >= 1. */
  writeGamma(value: number): void {
    const low = 31 - Math.clz32(value);
    this.write(1 << low, low + 1);
    this.write(value, low);
  }

  /** What was written, the last byte filled up with zeros. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads what a `BitWriter` wrote. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes begun so far. */
  get byteLength(): number {
    return Math.ceil(this.#bits / 8);
  }

  /**
   * @param width - 0..24 bits
   * @throws {FormatError} when the bytes end before
   */
  read(width: number): number {
    if (this.#bits + width > this.#bytes.length * 8) {
      throw new FormatError({
        what: `A Huffman table is cut: it goes on after its ${this.#bytes.length} bytes.`,
        fix: 'The file is damaged: fetch or write it again.',
      });
    }
    let value = 0;
    for (let i = 0; i < width; i++, this.#bits++) {
      value |= ((this.#bytes[this.#bits >>> 3]! >>> (this.#bits & 7)) & 1) << i;
    }
    return value;
  }

  /**
   * The value of an Elias gamma code.
   *
   * @throws {FormatError} when it is above `max` or the bytes end before
   */
  readGamma(max: number): number {
    let low = 0;
    while (2 ** low <= max && this.read(1) === 0) low++;
    const value = 2 ** low <= max ? 2 ** low + this.read(low) : Infinity;
    if (value <= max) return value;
    throw new FormatError({
      what: `A Huffman table has a run of more than ${max} symbols where no more fit.`,
      fix: 'The file is damaged: fetch or write it again.',
    });
  }
}
