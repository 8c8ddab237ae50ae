export { type PruneOptions, pruneOptions } from './options.js';
export { prune } from './plugin.js';
export type { RetrainOptions } from './retrain-options.js';
