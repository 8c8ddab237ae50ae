export { type PruneOptions, pruneOptions } from './options.js';
export { prune } from './plugin.js';
