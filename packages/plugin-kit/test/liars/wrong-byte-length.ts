import { definePlugin, ENCODING, type EncodingKind, type Plugin } from '@espalier/core';
import { assertBytes, BytesEncoding } from '../honest/bytes-encoding.js';

/** Forgets a byte for each that it has. */
export class ShortEncoding extends BytesEncoding {
  override get byteLength(): number {
    return Math.ceil(super.byteLength / 2);
  }
}

const kind: EncodingKind = {
  kind: 'bytes',
  read(source) {
    assertBytes(source);
    return new ShortEncoding(source.payload, source.dims);
  },
};

export const wrongByteLength: Plugin = definePlugin({
  id: 'wrong-byte-length',
  register: (container) => container.register(ENCODING, { useValue: kind }),
});
