import { type Model, OptionsError, type Pass, type PassContext, type PassResult } from '@espalier/core';
import { quantizeDynamically } from './dynamic/dynamic-quantization.js';
import { Exclusions } from './exclusions.js';
import { weightsOf } from './finetune/held-weights.js';
import type { QuantizeOptions } from './options.js';
import { limitsTime } from './rounding/mixed-options.js';
import type { KnownRanges } from './static/known-ranges.js';
import { quantizeStatically, type Tools } from './static/static-quantization.js';
import { isQuantized } from './weights/integer-weight.js';
import { assertQuantizable, halveWeights, quantizeWeightsOnly } from './weights/weight-only.js';

export const QUANTIZE = 'quantize';

/**
 * Post-training quantization: symmetric int8 weights for each output channel, asymmetric int8 activations
 * with ranges measured on calibration data, int32 biases. Or ranges that are found as a layer runs; or integer or float16 weights alone. With `finetune` the result is
 * trained as it will be computed.
 *
 * Zeros stay zero. What is quantized already stays as it is, so that a second run changes nothing, unless it is trained.
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
  readonly #known: KnownRanges | null;

  constructor(tools: Tools, known: KnownRanges | null = null) {
    this.#tools = tools;
    this.#known = known;
  }

  requires({ finetune }: Readonly<QuantizeOptions>): readonly ('train' | 'calibration')[] {
    return finetune === null ? [] : ['train'];
  }

  async run(model: Model, context: PassContext<QuantizeOptions>): Promise<PassResult> {
    const exclusions = new Exclusions(context.options.exclude, model);
    const { finetune } = context.options;
    if (finetune === null) return { modified: await this.#quantize(model, exclusions, context) };
    assertTrainable(context.options);
    const { checkTraining, trainCodes } = await import('./finetune/train-codes.js');
    await checkTraining(model, context, finetune);
    const before = weightsOf(model);
    const modified = await this.#quantize(model, exclusions, context);
    if (!model.weights().some(({ encoding }) => isQuantized(encoding))) {
      context.log.warn('quantize: no weight is quantized, so nothing is trained');
      return { modified };
    }
    await trainCodes(model, before, context, finetune);
    return { modified: true };
  }

  #toolsFor(model: Model, { original, data }: PassContext): Tools {
    return { ...this.#tools, ranges: this.#known?.of(original, model, data.calibration) };
  }

  async #quantize(
    model: Model,
    exclusions: Exclusions,
    context: PassContext<QuantizeOptions>,
  ): Promise<boolean> {
    const { mode } = context.options;
    assertModeHasGroups(context.options);
    assertModeHasWidths(context.options);
    if (mode !== 'float16') assertQuantizable(model, exclusions);
    switch (mode) {
      case 'static':
        return quantizeStatically(model, exclusions, this.#toolsFor(model, context), context);
      case 'dynamic':
        return quantizeDynamically(model, exclusions, context);
      case 'weight-only':
        return quantizeWeightsOnly(model, exclusions, this.#tools, context);
      case 'float16':
        return halveWeights(model, exclusions, context);
      default:
        return mode satisfies never;
    }
  }
}

/** int8 kernels add up a row before its scale is known: they have one for all of it. */
function assertModeHasGroups({ mode, groupSize }: Readonly<QuantizeOptions>): void {
  const sizes = typeof groupSize === 'object' ? Object.values(groupSize) : [groupSize];
  if (mode === 'weight-only' || sizes.every((size) => size === 0)) return;
  throw new OptionsError({
    what: `Groups of weights with a scale each are not computed in int8, as mode "${mode}" would.`,
    where: 'quantize.groupSize',
    fix: 'Use mode "weight-only", or groupSize 0.',
  });
}

/** Widths are chosen by what layers read, which these modes do not look at. */
function assertModeHasWidths({ mode, mixed }: Readonly<QuantizeOptions>): void {
  if (mixed === null || mode === 'static') return;
  if (limitsTime(mixed)) {
    throw new OptionsError({
      what: `Mode "${mode}" has no layers in int8, int16 and float32 to choose from under a limit of time.`,
      where: 'quantize.mixed',
      fix: 'Use mode "static", or leave maxMilliseconds and maxTimeShare out.',
    });
  }
  if (mode === 'weight-only') return;
  throw new OptionsError({
    what: `Mode "${mode}" gives no layer a width by what it costs on data.`,
    where: 'quantize.mixed',
    fix: 'Use mode "static" or "weight-only", or leave "mixed" out.',
  });
}

/** Training rounds with a scale for each channel, or for all of a weight. */
function assertTrainable({ mode, groupSize }: Readonly<QuantizeOptions>): void {
  const where = 'quantize.finetune';
  if (mode === 'float16') {
    throw new OptionsError({
      what: 'Weights in float16 are not trained: they lose next to nothing.',
      where,
      fix: 'Leave "finetune" out, or take mode "static" or "weight-only".',
    });
  }
  if (mode === 'dynamic') {
    throw new OptionsError({
      what: 'Layers whose activations are put on grids as they come are not trained.',
      where,
      fix: 'Leave "finetune" out, or take mode "static" or "weight-only".',
    });
  }
  const sizes = typeof groupSize === 'object' ? Object.values(groupSize) : [groupSize];
  if (sizes.every((size) => size === 0)) return;
  throw new OptionsError({
    what: 'Weights in groups with a scale each are not trained.',
    where,
    fix: 'Leave "finetune" or "groupSize" out.',
  });
}
