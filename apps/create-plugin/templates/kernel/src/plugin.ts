import { definePlugin, KERNEL, type Plugin } from '@espalier/core';
import { myIdeaKernel } from './kernel.js';

/** `plugins: [myIdea]` lets a compressor read and run models with the operator. */
export const myIdea: Plugin = definePlugin({
  id: 'my-idea',
  register(container) {
    container.register(KERNEL, { useValue: myIdeaKernel });
  },
});
