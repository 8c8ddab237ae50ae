import { Compressor, type PassPlugin, type Plugin } from '@espalier/core';
import { budget } from '@espalier/plugin-budget';
import { equalize } from '@espalier/plugin-equalize';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { fuse } from '@espalier/plugin-fuse';
import { huffman } from '@espalier/plugin-huffman';
import { prune, pruneChannels, removeDeadUnits } from '@espalier/plugin-prune';
import { quantize } from '@espalier/plugin-quantize';
import { rangeCoder } from '@espalier/plugin-range-coder';
import { shareWeights } from '@espalier/plugin-share-weights';
import { formatPlugins } from './formats.js';
import { recipesPlugin } from './recipes.js';
import { runtimePlugin } from './runtime.js';

/** The first-party passes, in the order in which a pipeline usually has them. */
export const passPlugins: readonly PassPlugin[] = [
  fuse,
  foldBatchNorm,
  pruneChannels,
  prune,
  removeDeadUnits,
  shareWeights,
  budget,
  equalize,
  quantize,
  huffman,
  rangeCoder,
] as readonly PassPlugin[]; // each takes options of its own

/** Everything first-party: passes, formats, runtime and recipes. */
export const presets: readonly Plugin[] = [...passPlugins, ...formatPlugins, runtimePlugin, recipesPlugin];

/**
 * A compressor with everything first-party, and some plugins more.
 *
 * @throws {PluginError} for a plugin of another API version, or one whose id is taken
 */
export function createCompressor(plugins: readonly Plugin[] = []): Compressor {
  return new Compressor({ plugins: [...presets, ...plugins] });
}
