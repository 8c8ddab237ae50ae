import { definePlugin, FORMAT, type Plugin } from '@espalier/core';
import { format } from './format.js';

/** Reads the SqueezeNet that the authors of Deep Compression published. `plugins: [deepCompressionFormat]` installs it. */
export const deepCompressionFormat: Plugin = definePlugin({
  id: 'deep-compression-format',
  register(container) {
    container.register(FORMAT, { useValue: format });
  },
});
