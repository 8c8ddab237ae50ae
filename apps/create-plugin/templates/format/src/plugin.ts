import { definePlugin, FORMAT, type Plugin } from '@espalier/core';
import { myIdeaFormat } from './format.js';

/** `plugins: [myIdea]` lets a compressor read the files. */
export const myIdea: Plugin = definePlugin({
  id: 'my-idea',
  register(container) {
    container.register(FORMAT, { useValue: myIdeaFormat });
  },
});
