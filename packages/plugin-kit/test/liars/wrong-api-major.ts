import { ENCODING, type Plugin } from '@espalier/core';
import { bytesKind } from '../honest/bytes-encoding.js';

/** Made for a core of another major version. */
export const wrongApiMajor: Plugin = {
  id: 'wrong-api-major',
  apiVersion: 2,
  register: (container) => container.register(ENCODING, { useValue: bytesKind }),
};
