import { definePlugin, ENCODING, type EncodingKind, elementCount, type Plugin } from '@espalier/core';
import { BytesEncoding } from '../honest/bytes-encoding.js';

/** Takes as many bytes as the shape has elements, whatever is there. */
const kind: EncodingKind = {
  kind: 'bytes',
  read({ payload, dims }) {
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset);
    return new BytesEncoding(bytes.slice(0, elementCount(dims)), dims);
  },
};

export const decodesPastItsEnd: Plugin = definePlugin({
  id: 'decodes-past-its-end',
  register: (container) => container.register(ENCODING, { useValue: kind }),
});
