export { myIdeaFormat } from './format.js';
export { myIdea } from './plugin.js';
