export { type EqualizeOptions, equalizeOptions } from './options.js';
export { equalize } from './plugin.js';
