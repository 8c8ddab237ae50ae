import { UnsupportedError } from '../errors/errors.js';
import type { DataType } from '../tensor/data-type.js';
import { Tensor, toFloat32 } from '../tensor/tensor.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';

/** float32 weights held as float16. Decoding is exact. */
export class CastEncoding implements Encoding {
  readonly kind: string = 'cast';
  readonly type: DataType = 'float32';
  readonly children: { readonly source: Encoding };

  constructor(source: Encoding) {
    this.children = { source };
  }

  get dims(): readonly number[] {
    return this.children.source.dims;
  }

  get byteLength(): number {
    return this.children.source.byteLength;
  }

  decode(): Tensor<'float32'> {
    return new Tensor('float32', toFloat32(this.children.source.decode()), this.dims);
  }

  withChildren({ source }: Readonly<Record<string, Encoding>>): Encoding {
    return new CastEncoding(source ?? this.children.source);
  }

  params(): Uint8Array {
    return new Uint8Array();
  }

  payload(): Uint8Array {
    return new Uint8Array();
  }
}

/** A float16 encoding read as float32. */
export function cast(source: Encoding): CastEncoding {
  if (source.type !== 'float16') {
    throw new UnsupportedError({ what: `A cast encoding holds float16, not ${source.type}.` });
  }
  return new CastEncoding(source);
}

export const castKind: EncodingKind = {
  kind: 'cast',
  read(source) {
    if (source.type !== 'float32') throw encodingError(source, `a cast to ${source.type}`);
    return new CastEncoding(source.child('source', 'float16', source.dims));
  },
};
