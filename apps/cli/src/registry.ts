import { espalier } from '@espalier/container';
import { Compressor, definePlugin, EXECUTOR, FORMAT, type Plugin } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';
import { huffman } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { RuntimeExecutor } from '@espalier/runtime';

const firstParty: readonly Plugin[] = [
  espalier,
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

/** A compressor with all first-party plugins and some more; those that are there already are not added again. */
export function makeCompressor(plugins: readonly Plugin[]): Compressor {
  const known = new Set(firstParty.map(({ id }) => id));
  return new Compressor({ plugins: [...firstParty, ...plugins.filter(({ id }) => !known.has(id))] });
}
