import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { type PruneOptions, pruneOptions } from './options.js';
import { PRUNE, PrunePass } from './prune-pass.js';

/** Magnitude pruning. `plugins: [prune]` installs it, `prune({ density: 0.3 })` is one step. */
export const prune: PassPlugin<PruneOptions> = definePassPlugin({
  id: PRUNE,
  about: 'Zeroes the smallest weights and stores only those that are kept.',
  options: pruneOptions,
  register(container) {
    container.register(PASS, { useFactory: (run) => new PrunePass(resolveOptional(run, EXECUTOR)) });
  },
});
