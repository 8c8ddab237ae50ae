import { definePassPlugin, PASS, type PassPlugin } from '@espalier/core';
import { type PruneChannelsOptions, pruneChannelsOptions } from './prune-channels-options.js';
import { PRUNE_CHANNELS, PruneChannelsPass } from './prune-channels-pass.js';

/** Structured pruning. `plugins: [pruneChannels]` installs it, `pruneChannels({ density: 0.5 })` is one step. */
export const pruneChannels: PassPlugin<PruneChannelsOptions> = definePassPlugin({
  id: PRUNE_CHANNELS,
  about: 'Takes the channels and neurons that count least out of the graph.',
  options: pruneChannelsOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new PruneChannelsPass() });
  },
});
