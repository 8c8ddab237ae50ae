export { myIdeaKernel } from './kernel.js';
export { myIdea } from './plugin.js';
