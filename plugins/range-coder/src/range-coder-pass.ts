import {
  type Encoding,
  type Model,
  type Pass,
  type PassContext,
  type PassResult,
  walkEncoding,
} from '@espalier/core';
import { codeTree } from './code-tree.js';
import type { RangeCoderOptions } from './options.js';

export const RANGE_CODER = 'range-coder';

/**
 * Codes every stream of the weights (indices, positions, int8 codes, centroids, biases) by context-adaptive binary
 * arithmetic coding where that makes it smaller. Exact: what decodes is what was there. After DeepCABAC
 * (arXiv:1905.08318).
 */
export class RangeCoderPass implements Pass<RangeCoderOptions> {
  readonly name: string = RANGE_CODER;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = [
    'fold-batch-norm',
    'fuse',
    'prune',
    'share-weights',
    'quantize',
    'huffman',
  ];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  async run(model: Model, { options, count, progress }: PassContext<RangeCoderOptions>): Promise<PassResult> {
    const constants = model.graph.constants;
    let modified = false;
    for (const [i, value] of constants.entries()) {
      const { constant } = value;
      const coded = constant && codeTree(constant, options);
      if (coded !== null && coded !== constant) {
        model.graph.replaceConstant(value, coded);
        count('streams.coded', codedStreams(coded) - codedStreams(constant));
        count('bytes.saved', (constant?.byteLength ?? 0) - coded.byteLength);
        modified = true;
      }
      await progress(i + 1, constants.length, value.name);
    }
    return { modified };
  }
}

function codedStreams(encoding: Encoding | null): number {
  if (encoding === null) return 0;
  let count = 0;
  for (const { encoding: part } of walkEncoding(encoding)) if (part.kind === RANGE_CODER) count++;
  return count;
}
