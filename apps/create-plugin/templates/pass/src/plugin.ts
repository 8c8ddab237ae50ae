import { definePassPlugin, PASS, type PassPlugin } from '@espalier/core';
import { type MyIdeaOptions, myIdeaOptions } from './options.js';
import { MY_IDEA, MyIdeaPass } from './pass.js';

/** `plugins: [myIdea]` installs it, `myIdea({ threshold: 0.1 })` is one step. */
export const myIdea: PassPlugin<MyIdeaOptions> = definePassPlugin({
  id: MY_IDEA,
  about: 'Drops weights that are small beside the largest of their tensor.',
  options: myIdeaOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new MyIdeaPass() });
  },
});
