import type { Model, Pass, PassContext, PassResult } from '@espalier/core';
import { Exclusions } from './exclusions.js';
import type { QuantizeOptions } from './options.js';
import { quantizeStatically, type Tools } from './static/static-quantization.js';
import { assertQuantizable, halveWeights, quantizeWeights } from './weights/weight-only.js';

export const QUANTIZE = 'quantize';

/**
 * Post-training quantization: symmetric int8 weights for each output channel, asymmetric int8 activations
 * with ranges measured on calibration data, int32 biases. Or int8 or float16 weights alone.
 *
 * Zeros stay zero. What is quantized already stays as it is, so that a second run changes nothing.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 2; Krishnamoorthi 2018 (arXiv:1806.08342), section 3
 */
export class QuantizePass implements Pass<QuantizeOptions> {
  readonly name: string = QUANTIZE;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune', 'share-weights'];
  readonly before: readonly string[] = ['huffman'];
  readonly establishes: readonly string[] = ['quantization'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  async run(model: Model, context: PassContext<QuantizeOptions>): Promise<PassResult> {
    const exclusions = new Exclusions(context.options.exclude, model);
    const { mode } = context.options;
    if (mode !== 'float16') assertQuantizable(model, exclusions);
    switch (mode) {
      case 'static':
        return { modified: await quantizeStatically(model, exclusions, this.#tools, context) };
      case 'weight-only':
        return { modified: await quantizeWeights(model, exclusions, context) };
      case 'float16':
        return { modified: await halveWeights(model, exclusions, context) };
      default:
        return mode satisfies never;
    }
  }
}
