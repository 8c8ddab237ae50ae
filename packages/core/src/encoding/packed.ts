import { ShapeError } from '../errors/errors.js';
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

/** The types of codes that can be packed. */
type CodeType = 'uint8' | 'int8';

/**
 * Codes of `bitWidth` bits each: unsigned ones below 2^bitWidth (codebook indices, sparse gaps), or signed
 * ones in two's complement (integer weights of less than 8 bits).
 */
export class PackedEncoding implements Encoding {
  readonly kind: string = 'packed';
  readonly type: CodeType;
  readonly children: Encoding['children'] = {};
  readonly dims: readonly number[];
  readonly bitWidth: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, dims: readonly number[], bitWidth: number, type: CodeType = 'uint8') {
    this.#bytes = bytes;
    this.type = type;
    this.dims = dims;
    this.bitWidth = bitWidth;
  }

  get byteLength(): number {
    return this.#bytes.length + 1;
  }

  decode(): Tensor<CodeType> {
    const codes = unpackBits(this.#bytes, elementCount(this.dims), this.bitWidth);
    if (this.type === 'uint8') return new Tensor('uint8', codes, this.dims);
    const unused = 32 - this.bitWidth;
    return new Tensor(
      'int8',
      Int8Array.from(codes, (code) => (code << unused) >> unused),
      this.dims,
    );
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
export function packed(codes: Tensor<CodeType>, bitWidth: number): PackedEncoding {
  if (!Number.isInteger(bitWidth) || bitWidth < 1 || bitWidth > 8) {
    throw new ShapeError({ what: `Codes can't be packed at ${bitWidth} bits.`, fix: 'Use 1 to 8 bits.' });
  }
  const least = codes.type === 'int8' ? -(2 ** (bitWidth - 1)) : 0;
  for (const code of codes.data) {
    if (code < least || code - least >= 2 ** bitWidth)
      throw new ShapeError({
        what: `The code ${code} does not fit ${bitWidth} bits.`,
        fix: 'Use more bits.',
      });
  }
  const mask = 2 ** bitWidth - 1;
  const bits = codes.type === 'int8' ? Uint8Array.from(codes.data, (code) => code & mask) : codes.data;
  return new PackedEncoding(packBits(bits as Uint8Array, bitWidth), codes.dims, bitWidth, codes.type); // uint8 else
}

export const packedKind: EncodingKind = {
  kind: 'packed',
  read(source) {
    const bitWidth = new ByteReader(source.params, source.where).u8();
    if (bitWidth < 1 || bitWidth > 8) throw encodingError(source, `codes of ${bitWidth} bits`);
    if (source.type !== 'uint8' && source.type !== 'int8')
      throw encodingError(source, `packed codes are of 8 bits, not ${source.type}`);
    const wanted = packedBytes(elementCount(source.dims), bitWidth);
    if (source.payload.length !== wanted) {
      throw encodingError(
        source,
        `${wanted} bytes of packed codes are needed, ${source.payload.length} are there`,
      );
    }
    return new PackedEncoding(source.payload, source.dims, bitWidth, source.type);
  },
};
