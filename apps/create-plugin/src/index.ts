export { type Created, createPlugin } from './create-plugin.js';
export { Failure } from './failure.js';
export { isKind, type Kind, kinds } from './kinds.js';
export { type Names, namesFor } from './names.js';
