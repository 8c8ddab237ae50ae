import {
  type DataType,
  type Encoding,
  type EncodingKind,
  elementCount,
  encodingError,
  Tensor,
  toBytes,
} from '@espalier/core';
import { checkStream, decodeStream } from './decode-stream.js';
import { encodeStream, planStream } from './encode-stream.js';

/** The integer types that are coded: one byte an element. int8 is coded by its bits. */
export type CodedType = 'int8' | 'uint8';

/** Whether elements of this type can be coded. */
export function isCodedType(type: DataType): type is CodedType {
  return type === 'int8' || type === 'uint8';
}

/**
 * Integer codes as a canonical Huffman stream. A leaf that stands in for any other leaf of int8 or
 * uint8: codebook indices, affine codes, sparse gaps.
 *
 * Its payload is the code table, then the codes, without a count: the shape tells it. Every code has
 * at least one bit, so that a payload of n bytes can claim no more than 8 n elements.
 */
export class HuffmanEncoding implements Encoding {
  readonly kind: string = 'huffman';
  readonly type: CodedType;
  readonly dims: readonly number[];
  readonly children: Encoding['children'] = {};
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, type: CodedType, dims: readonly number[]) {
    this.#bytes = bytes;
    this.type = type;
    this.dims = dims;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** @throws {FormatError} when the stream is damaged */
  decode(): Tensor<CodedType> {
    const symbols = decodeStream(this.#bytes, elementCount(this.dims));
    if (this.type === 'uint8') return new Tensor('uint8', symbols, this.dims);
    return new Tensor('int8', new Int8Array(symbols.buffer), this.dims);
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return new Uint8Array();
  }

  payload(): Uint8Array {
    return this.#bytes;
  }
}

/** Codes int8 or uint8 elements with the best code of at most `maxBits` bits, 8 to 15. */
export function huffmanCoded(tensor: Tensor<CodedType>, maxBits?: number): HuffmanEncoding {
  const symbols = toBytes(tensor.data);
  return new HuffmanEncoding(encodeStream(symbols, planStream(symbols, maxBits)), tensor.type, tensor.dims);
}

/** The same, or null where it takes no fewer than `limit` bytes; then nothing is coded. */
export function codedBelow(
  tensor: Tensor<CodedType>,
  limit: number,
  maxBits?: number,
): HuffmanEncoding | null {
  const symbols = toBytes(tensor.data);
  const plan = planStream(symbols, maxBits);
  if (plan.byteLength >= limit) return null;
  return new HuffmanEncoding(encodeStream(symbols, plan), tensor.type, tensor.dims);
}

/** How `.espalier` files read the encoding back. */
export const huffmanKind: EncodingKind = {
  kind: 'huffman',
  read(source) {
    const { type, dims, params, payload } = source;
    if (!isCodedType(type)) throw encodingError(source, `Huffman codes of ${type}`);
    if (params.length > 0) throw encodingError(source, 'Huffman codes have parameters');
    checkStream(payload, elementCount(dims));
    return new HuffmanEncoding(payload, type, dims);
  },
};
