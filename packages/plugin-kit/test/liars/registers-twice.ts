import { definePlugin, ENCODING } from '@espalier/core';
import { bytesKind } from '../honest/bytes-encoding.js';

/** Registers its encoding, and once more for good measure. */
export const registersTwice = definePlugin({
  id: 'registers-twice',
  register(container) {
    container.register(ENCODING, { useValue: bytesKind });
    container.register(ENCODING, { useValue: bytesKind });
  },
});
