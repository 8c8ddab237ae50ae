import { definePassPlugin, ENCODING, PASS, type PassPlugin } from '@espalier/core';
import { myIdeaKind } from './encoding.js';
import { type MyIdeaOptions, myIdeaOptions } from './options.js';
import { MY_IDEA, MyIdeaPass } from './pass.js';

/** `plugins: [myIdea]` installs pass and encoding, so that files with it can be read; `myIdea()` is one step. */
export const myIdea: PassPlugin<MyIdeaOptions> = definePassPlugin({
  id: MY_IDEA,
  about: 'Codes indices, gaps and int8 codes as runs, where that is shorter.',
  options: myIdeaOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new MyIdeaPass() });
    container.register(ENCODING, { useValue: myIdeaKind });
  },
});
