import {
  type Encoding,
  type Model,
  mapEncoding,
  type Pass,
  type PassContext,
  type PassResult,
  type Tensor,
} from '@espalier/core';
import { type CodedType, isCodedType, myIdeaCoded } from './encoding.js';
import type { MyIdeaOptions } from './options.js';

export const MY_IDEA = 'my-idea';

/** Codes every leaf of bytes where that makes it smaller. Exact: what decodes is what was there. */
export class MyIdeaPass implements Pass<MyIdeaOptions> {
  readonly name: string = MY_IDEA;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune', 'share-weights', 'quantize'];
  readonly before: readonly string[] = ['huffman'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  async run(model: Model, context: PassContext<MyIdeaOptions>): Promise<PassResult> {
    const { constants } = model.graph;
    let modified = false;
    for (const [i, value] of constants.entries()) {
      await context.progress(i, constants.length, value.name);
      const { constant } = value;
      const coded = constant && mapEncoding(constant, (encoding) => codeLeaf(encoding, context));
      if (coded === null || coded === constant) continue;
      model.graph.replaceConstant(value, coded);
      modified = true;
    }
    return { modified };
  }
}

/** The leaf coded; itself where it is no leaf of bytes, is coded already, or would hardly get smaller. */
function codeLeaf(encoding: Encoding, { options, count }: PassContext<MyIdeaOptions>): Encoding {
  const isLeaf = encoding.kind === 'dense' || encoding.kind === 'packed';
  if (!isLeaf || !isCodedType(encoding.type)) return encoding;
  const coded = myIdeaCoded(encoding.decode() as Tensor<CodedType>); // decode gives the encoding's type
  if (coded.byteLength >= encoding.byteLength * (1 - options.saving)) return encoding;
  count('streams.coded', 1);
  count('bytes.saved', encoding.byteLength - coded.byteLength);
  return coded;
}
