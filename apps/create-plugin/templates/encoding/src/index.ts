export { type CodedType, MyIdeaEncoding, myIdeaCoded, myIdeaKind } from './encoding.js';
export { type MyIdeaOptions, myIdeaOptions } from './options.js';
export { myIdea } from './plugin.js';
