export { type MyIdeaOptions, myIdeaOptions } from './options.js';
export { myIdea } from './plugin.js';
