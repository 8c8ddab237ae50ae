import {
  type DataType,
  type Encoding,
  type EncodingKind,
  elementCount,
  encodingError,
  Tensor,
  toBytes,
} from '@espalier/core';
import { packRuns, unpackedLength, unpackRuns } from './pack-bits.js';

/** What can be coded: one byte an element. */
export type CodedType = 'int8' | 'uint8';

export function isCodedType(type: DataType): type is CodedType {
  return type === 'int8' || type === 'uint8';
}

/**
 * A leaf of a weight's tree that stands in for any other of int8 or uint8: indices of a codebook, codes of int8, gaps.
 * Immutable. A payload of n bytes stands for 64 n elements at the most, so that a damaged shape can't ask for memory
 * that the file does not pay for.
 */
export class MyIdeaEncoding implements Encoding {
  readonly kind: string = 'my-idea';
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

  decode(): Tensor<CodedType> {
    const bytes = unpackRuns(this.#bytes, elementCount(this.dims));
    if (this.type === 'uint8') return new Tensor('uint8', bytes, this.dims);
    return new Tensor('int8', new Int8Array(bytes.buffer), this.dims);
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

export function myIdeaCoded(tensor: Tensor<CodedType>): MyIdeaEncoding {
  return new MyIdeaEncoding(packRuns(toBytes(tensor.data)), tensor.type, tensor.dims);
}

/** How files read the encoding back. Nothing in the source is trusted: it is checked before anything is allocated. */
export const myIdeaKind: EncodingKind = {
  kind: 'my-idea',
  read(source) {
    const { type, dims, params, payload } = source;
    if (!isCodedType(type)) throw encodingError(source, `runs of ${type}`);
    if (params.length > 0) throw encodingError(source, 'runs have parameters');
    if (unpackedLength(payload) !== elementCount(dims))
      throw encodingError(source, 'its runs do not make its shape');
    return new MyIdeaEncoding(payload, type, dims);
  },
};
