import { espalier } from '@espalier/container';
import { Compressor, definePlugin, EXECUTOR, FORMAT, type Plugin } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { huffman } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { RuntimeExecutor } from '@espalier/runtime';

/** All first-party plugins. */
export const presets: readonly Plugin[] = [
  espalier,
  foldBatchNorm,
  prune,
  shareWeights,
  huffman,
  definePlugin({
    id: 'onnx',
    register(container) {
      container.register(FORMAT, { useValue: onnxFormat });
      container.register(EXECUTOR, { useValue: new RuntimeExecutor() });
    },
  }),
];

/**
 * A compressor with everything first-party, and some plugins more.
 *
 * @throws {PluginError} for a plugin of another API version, or one whose id is taken
 */
export function createCompressor(plugins: readonly Plugin[] = []): Compressor {
  return new Compressor({ plugins: [...presets, ...plugins] });
}
