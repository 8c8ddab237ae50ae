export { type PruneOptions, pruneOptions } from './options.js';
export { prune } from './plugin.js';
export { pruneChannels } from './prune-channels.js';
export {
  type ChannelRetrainOptions,
  type PruneChannelsOptions,
  pruneChannelsOptions,
} from './prune-channels-options.js';
export { removeDeadUnits } from './remove-dead-units.js';
export { type RemoveDeadUnitsOptions, removeDeadUnitsOptions } from './remove-dead-units-options.js';
export type { RetrainOptions } from './retrain-options.js';
