import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { FUSE, FusePass } from './fuse-pass.js';
import { type FuseOptions, fuseOptions } from './options.js';

/** Graph simplification. `plugins: [fuse]` installs it, `fuse()` is one step. */
export const fuse: PassPlugin<FuseOptions> = definePassPlugin({
  id: FUSE,
  about: 'Fuses spelled-out operators, folds constants and removes what does nothing.',
  options: fuseOptions,
  register(container) {
    container.register(PASS, { useFactory: (run) => new FusePass(resolveOptional(run, EXECUTOR)) });
  },
});
