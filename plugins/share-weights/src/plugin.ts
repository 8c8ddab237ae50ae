import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { type ShareWeightsOptions, shareWeightsOptions } from './options.js';
import { SHARE_WEIGHTS, ShareWeightsPass } from './share-weights-pass.js';

/** Weight sharing. `plugins: [shareWeights]` installs it, `shareWeights({ bits: 5 })` is one step. */
export const shareWeights: PassPlugin<ShareWeightsOptions> = definePassPlugin({
  id: SHARE_WEIGHTS,
  about: 'Lets the weights of each tensor share a few values, found by k-means.',
  options: shareWeightsOptions,
  register(container) {
    container.register(PASS, { useFactory: (run) => new ShareWeightsPass(resolveOptional(run, EXECUTOR)) });
  },
});
