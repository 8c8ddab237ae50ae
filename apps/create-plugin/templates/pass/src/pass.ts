import {
  dense,
  type Encoding,
  gapsOf,
  type Model,
  type Pass,
  type PassContext,
  type PassResult,
  packed,
  sparse,
  Tensor,
} from '@espalier/core';
import { type Kept, keepLarge } from './magnitude.js';
import type { MyIdeaOptions } from './options.js';

export const MY_IDEA = 'my-idea';

/** Zeros before a kept weight are counted in symbols of 4 bits, as in Deep Compression (arXiv:1510.00149), section 2. */
const gapBits = 4;

/** Looks at the graph, calls pure functions on arrays, puts the result back, and says what it changed. */
export class MyIdeaPass implements Pass<MyIdeaOptions> {
  readonly name: string = MY_IDEA;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse'];
  readonly before: readonly string[] = ['share-weights', 'quantize', 'huffman'];
  readonly establishes: readonly string[] = ['sparsity'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];

  async run(model: Model, context: PassContext<MyIdeaOptions>): Promise<PassResult> {
    const { options, count, progress } = context;
    const weights = model.weights();
    let dropped = 0;
    for (const [i, weight] of weights.entries()) {
      await progress(i, weights.length, weight.name);
      // Codebooks, quantized and sparse weights are left to the passes that made them.
      if (weight.encoding.kind !== 'dense' || weight.encoding.type !== 'float32') continue;
      const kept = keepLarge(weight.decode().data as Float32Array, options.threshold); // float32, as was asked
      if (kept.dropped === 0) continue;
      model.replaceWeight(weight, smaller(kept, weight.encoding));
      dropped += kept.dropped;
    }
    count('weights.zeroed', dropped);
    return { modified: dropped > 0 };
  }
}

/** As a sparse encoding, or as it was held, with zeros, where that takes fewer bytes. */
function smaller({ positions, values }: Kept, { dims, byteLength }: Encoding): Encoding {
  const whole = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  for (const [i, position] of positions.entries()) whole[position] = values[i] as number; // as many as positions
  const skip = 2 ** gapBits - 1;
  const gaps = packed(new Tensor('uint8', gapsOf(positions, whole.length, skip)), gapBits);
  const short = sparse(gaps, dense(new Tensor('float32', values)), dims, skip);
  return short.byteLength < byteLength ? short : dense(new Tensor('float32', whole, dims));
}
