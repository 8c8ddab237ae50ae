// Apart from the format: a page that only reads files bundles no registry.
import { definePlugin, ENCODING, FORMAT, type Plugin, resolveAll } from '@espalier/core';
import { espalierFormat } from './format.js';

/** Brings the format, with the encodings of the compressor it is installed in. */
export const espalier: Plugin = definePlugin({
  id: 'espalier',
  register(container) {
    container.register(FORMAT, {
      useFactory: (resolver) => espalierFormat(() => resolveAll(resolver, ENCODING)),
    });
  },
});
