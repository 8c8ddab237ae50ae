import { ShapeError } from '../errors/errors.js';
import type { DataType } from '../tensor/data-type.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import { ByteReader } from './bytes.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';

/** Bytes that `count` codes of `bitWidth` bits take. */
export function packedBytes(count: number, bitWidth: number): number {
  return Math.ceil((count * bitWidth) / 8);
}

/** Packs codes of `bitWidth` bits (1 to 8), low bits first. */
export function packBits(codes: Uint8Array, bitWidth: number): Uint8Array {
  const out = new Uint8Array(packedBytes(codes.length, bitWidth));
  let buffer = 0;
  let bits = 0;
  let position = 0;
  for (let i = 0; i < codes.length; i++) {
    buffer |= (codes[i] as number) << bits; // i < length
    bits += bitWidth;
    while (bits >= 8) {
      out[position++] = buffer;
      buffer >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out[position] = buffer;
  return out;
}

/** The inverse of `packBits`. `bytes` must hold `packedBytes(count, bitWidth)`. */
export function unpackBits(bytes: Uint8Array, count: number, bitWidth: number): Uint8Array {
  const out = new Uint8Array(count);
  const mask = 2 ** bitWidth - 1;
  let buffer = 0;
  let bits = 0;
  let position = 0;
  for (let i = 0; i < count; i++) {
    if (bits < bitWidth) {
      buffer |= (bytes[position++] as number) << bits; // the caller checked the length
      bits += 8;
    }
    out[i] = buffer & mask;
    buffer >>>= bitWidth;
    bits -= bitWidth;
  }
  return out;
}

/** Unsigned codes below 2^bitWidth, `bitWidth` bits each: codebook indices, sparse gaps. */
export class PackedEncoding implements Encoding {
  readonly kind: string = 'packed';
  readonly type: DataType = 'uint8';
  readonly children: Encoding['children'] = {};
  readonly dims: readonly number[];
  readonly bitWidth: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, dims: readonly number[], bitWidth: number) {
    this.#bytes = bytes;
    this.dims = dims;
    this.bitWidth = bitWidth;
  }

  get byteLength(): number {
    return this.#bytes.length + 1;
  }

  decode(): Tensor<'uint8'> {
    return new Tensor('uint8', unpackBits(this.#bytes, elementCount(this.dims), this.bitWidth), this.dims);
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return Uint8Array.of(this.bitWidth);
  }

  payload(): Uint8Array {
    return this.#bytes;
  }
}

/**
 * Packs codes at `bitWidth` bits each.
 *
 * @throws {ShapeError} when a code needs more bits, or `bitWidth` is not 1 to 8
 */
export function packed(codes: Tensor<'uint8'>, bitWidth: number): PackedEncoding {
  if (!Number.isInteger(bitWidth) || bitWidth < 1 || bitWidth > 8) {
    throw new ShapeError({ what: `Codes can't be packed at ${bitWidth} bits.`, fix: 'Use 1 to 8 bits.' });
  }
  const limit = 2 ** bitWidth;
  for (const code of codes.data) {
    if (code >= limit)
      throw new ShapeError({
        what: `The code ${code} does not fit ${bitWidth} bits.`,
        fix: 'Use more bits.',
      });
  }
  return new PackedEncoding(packBits(codes.data, bitWidth), codes.dims, bitWidth);
}

export const packedKind: EncodingKind = {
  kind: 'packed',
  read(source) {
    const bitWidth = new ByteReader(source.params, source.where).u8();
    if (bitWidth < 1 || bitWidth > 8) throw encodingError(source, `codes of ${bitWidth} bits`);
    if (source.type !== 'uint8') throw encodingError(source, `packed codes are uint8, not ${source.type}`);
    const wanted = packedBytes(elementCount(source.dims), bitWidth);
    if (source.payload.length !== wanted) {
      throw encodingError(
        source,
        `${wanted} bytes of packed codes are needed, ${source.payload.length} are there`,
      );
    }
    return new PackedEncoding(source.payload, source.dims, bitWidth);
  },
};
