import { FormatError } from '../errors/errors.js';

/** Appends little-endian values to a growing byte array. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** LEB128: 7 bits a byte, low first. 0 <= value <= 2^53 - 1. */
  varint(value: number): this {
    let rest = value;
    while (rest >= 128) {
      this.u8((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    return this.u8(rest);
  }

  /** Small magnitudes of either sign in few bytes: 0, -1, 1, -2 become 0, 1, 2, 3. */
  signedVarint(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  f32(value: number): this {
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote. Every read is checked against the bytes left. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  #offset = 0;

  constructor(bytes: Uint8Array, where = 'bytes') {
    this.#bytes = bytes;
    this.#where = where;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  get offset(): number {
    return this.#offset;
  }

  u8(): number {
    this.#need(1);
    return this.#bytes[this.#offset++] ?? 0;
  }

  varint(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 127) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw this.error('a number is larger than 2^53');
      if (byte < 128) return value;
      unit *= 128;
      if (unit === 2 ** 56) throw this.error('a number is longer than eight bytes');
    }
  }

  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  f32(): number {
    this.#need(4);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, 4);
    this.#offset += 4;
    return view.getFloat32(0, true);
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    this.#need(length);
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return bytes;
  }

  /** An error that names this place. */
  error(what: string): FormatError {
    return new FormatError({
      what: `The file is damaged: ${what}.`,
      where: `${this.#where}, byte ${this.#offset}`,
      fix: 'Get or make the file again.',
    });
  }

  #need(count: number): void {
    if (count > this.left) throw this.error(`${count} bytes are needed, ${this.left} are left`);
  }
}
