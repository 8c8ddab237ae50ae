import {
  definePlugin,
  ENCODING,
  type Encoding,
  type EncodingKind,
  type EncodingSource,
  elementCount,
  encodingError,
  type Plugin,
  Tensor,
} from '@espalier/core';

/** Bytes, each less the one before. What it gets wrong is up to who derives from it. */
export class BytesEncoding implements Encoding {
  readonly kind: string = 'bytes';
  readonly type = 'uint8' as const;
  readonly children = {};
  readonly dims: readonly number[];
  readonly differences: Uint8Array;

  constructor(differences: Uint8Array, dims: readonly number[]) {
    this.differences = differences;
    this.dims = dims;
  }

  get byteLength(): number {
    return this.differences.length;
  }

  decode(): Tensor {
    let last = 0;
    const values = this.differences.map((difference) => {
      last = (last + difference) & 255;
      return last;
    });
    return new Tensor('uint8', values, this.dims);
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return new Uint8Array();
  }

  payload(): Uint8Array {
    return this.differences;
  }
}

export function differencesOf(values: Uint8Array): Uint8Array {
  return values.map((value, i) => (i === 0 ? value : value - (values[i - 1] ?? 0)));
}

/** One byte an element, checked. */
export function assertBytes(source: EncodingSource): void {
  const count = elementCount(source.dims);
  if (source.type !== 'uint8') throw encodingError(source, `bytes of ${source.type}`);
  if (source.payload.length !== count || source.params.length > 0)
    throw encodingError(source, `${count} bytes are needed, ${source.payload.length} are there`);
}

export const bytesKind: EncodingKind = {
  kind: 'bytes',
  read(source) {
    assertBytes(source);
    return new BytesEncoding(source.payload, source.dims);
  },
};

/** An encoding that keeps every promise. */
export const bytesPlugin: Plugin = definePlugin({
  id: 'bytes',
  register: (container) => container.register(ENCODING, { useValue: bytesKind }),
});
