import { defineOptions, type Options, option } from '@espalier/core';
import { rewriteNames } from './rewrites.js';

export interface FuseOptions {
  /** Rewrites to leave out, by name. */
  readonly without: readonly string[];
  /** How much larger the file may become by the folding of one node, in bytes. */
  readonly maxGrowthBytes: number;
}

export const fuseOptions: Options<FuseOptions> = defineOptions<FuseOptions>({
  without: option.list<string>(option.oneOf(rewriteNames, { default: 'drop-no-ops' }), {
    default: [],
    about: 'Rewrites to leave out, by name.',
  }),
  maxGrowthBytes: option.integer({
    default: 4096,
    min: 0,
    about: 'How much larger the file may become by folding one node over constants, in bytes.',
  }),
});
