import {
  ByteReader,
  type DataType,
  type Encoding,
  type EncodingKind,
  elementCount,
  encodingError,
  sumBytes,
  Tensor,
} from '@espalier/core';

const key = 0x5a;

/** A leaf of some third party: uint8 symbols, each turned by a key that its params hold. */
export class TurnedEncoding implements Encoding {
  readonly kind: string = 'acme:turned';
  readonly package: string = 'espalier-plugin-acme';
  readonly type: DataType = 'uint8';
  readonly children: Encoding['children'] = {};
  readonly dims: readonly number[];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, dims: readonly number[]) {
    this.#bytes = bytes;
    this.dims = dims;
  }

  get byteLength(): number {
    return sumBytes(this);
  }

  decode(): Tensor<'uint8'> {
    return new Tensor(
      'uint8',
      this.#bytes.map((byte) => byte ^ key),
      this.dims,
    );
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return Uint8Array.of(key);
  }

  payload(): Uint8Array {
    return this.#bytes;
  }
}

export function turned(symbols: Tensor<'uint8'>): Encoding {
  return new TurnedEncoding(
    symbols.data.map((symbol) => symbol ^ key),
    symbols.dims,
  );
}

export const turnedKind: EncodingKind = {
  kind: 'acme:turned',
  read(source) {
    if (new ByteReader(source.params, source.where).u8() !== key) throw encodingError(source, 'its key');
    if (source.type !== 'uint8' || source.payload.length !== elementCount(source.dims)) {
      throw encodingError(source, 'its length');
    }
    return new TurnedEncoding(source.payload, source.dims);
  },
};

/** A wrapper of some third party: a tensor of any type as it is. */
export class SealedEncoding implements Encoding {
  readonly kind: string = 'acme:sealed';
  readonly children: { readonly inside: Encoding };

  constructor(inside: Encoding) {
    this.children = { inside };
  }

  get type(): DataType {
    return this.children.inside.type;
  }

  get dims(): readonly number[] {
    return this.children.inside.dims;
  }

  get byteLength(): number {
    return sumBytes(this);
  }

  decode(): Tensor {
    return this.children.inside.decode();
  }

  withChildren({ inside }: Readonly<Record<string, Encoding>>): Encoding {
    return new SealedEncoding(inside ?? this.children.inside);
  }

  params(): Uint8Array {
    return new Uint8Array();
  }

  payload(): Uint8Array {
    return Uint8Array.of(1, 2, 3);
  }
}

export const sealedKind: EncodingKind = {
  kind: 'acme:sealed',
  read(source) {
    if (source.payload.join() !== '1,2,3') throw encodingError(source, 'its seal');
    return new SealedEncoding(source.child('inside', source.type, source.dims));
  },
};
