import {
  type Encoding,
  type Model,
  mapEncoding,
  type Pass,
  type PassContext,
  type PassResult,
  type Tensor,
} from '@espalier/core';
import { type CodedType, codedBelow, isCodedType } from './huffman-encoding.js';
import type { HuffmanOptions } from './options.js';

export const HUFFMAN = 'huffman';

/**
 * Codes every stream of bytes in the weights (indices, gaps, int8 codes) where that makes it smaller,
 * code table included. Exact: what decodes is what was there. Deep Compression (arXiv:1510.00149),
 * section 4.
 */
export class HuffmanPass implements Pass<HuffmanOptions> {
  readonly name: string = HUFFMAN;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune', 'share-weights', 'quantize'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  async run(model: Model, context: PassContext<HuffmanOptions>): Promise<PassResult> {
    const constants = model.graph.constants;
    let modified = false;
    for (const [i, value] of constants.entries()) {
      const { constant } = value;
      const coded = constant && mapEncoding(constant, (encoding) => codeLeaf(encoding, context));
      if (coded !== null && coded !== constant) {
        model.graph.replaceConstant(value, coded);
        modified = true;
      }
      await context.progress(i + 1, constants.length, value.name);
    }
    return { modified };
  }
}

/** The leaf coded; itself where it is no leaf of bytes, is coded already, or would not get smaller. */
function codeLeaf(encoding: Encoding, { options, count }: PassContext<HuffmanOptions>): Encoding {
  const isLeaf = Object.keys(encoding.children).length === 0;
  if (!isLeaf || !isCodedType(encoding.type) || encoding.kind === HUFFMAN) return encoding;
  const tensor = encoding.decode() as Tensor<CodedType>; // decode gives the encoding's type
  const coded = codedBelow(tensor, encoding.byteLength, options.maxBits);
  if (coded === null) return encoding;
  count('streams.coded', 1);
  count('bytes.saved', encoding.byteLength - coded.byteLength);
  return coded;
}
