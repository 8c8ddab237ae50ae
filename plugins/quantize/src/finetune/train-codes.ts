import { AffineEncoding, type Model, type PassContext, type ReportTable, toFloat32 } from '@espalier/core';
import { type EpochEnd, PassTraining } from '@espalier/train';
import { slicesOf } from '../weights/symmetric.js';
import type { FinetuneOptions } from './finetune-options.js';
import { constraintsOf, type FloatWeights } from './held-weights.js';
import { nearCodes } from './near-codes.js';

/** Throws what training would, while the model is as it came. */
export function checkTraining(model: Model, context: PassContext, options: FinetuneOptions): Promise<void> {
  return PassTraining.check(model, context, options, { quantized: { ranges: 'fixed' } });
}

/**
 * Trains a quantized model: what is rounded when it runs is rounded on the way forward, and gradients go straight through.
 * Zeros stay zeros, and weights that share a value share another one.
 *
 * @param before - the weights that codes were made of
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3; Krishnamoorthi 2018 (arXiv:1806.08342), section 3.3
 */
export async function trainCodes(
  model: Model,
  before: FloatWeights,
  context: PassContext,
  options: FinetuneOptions,
): Promise<void> {
  const constraints = constraintsOf(model, before);
  // What a rule of TensorFlow Lite asks of grids that stand together was seen to when they were chosen.
  const ranges = model.requantization === 'onnx' ? options.ranges : 'fixed';
  const training = await PassTraining.open(model, context, options, {
    constraints,
    quantized: { ranges },
  });
  try {
    const { trainer } = training;
    for (const name of trainer.weightNames) {
      const was = before.get(name);
      const codes = model.graph.value(name)?.constant;
      const isShared = trainer.centroids(name) !== null;
      if (was === undefined || isShared || !(codes instanceof AffineEncoding)) continue;
      if (was instanceof AffineEncoding) continue;
      const { scale, axis } = codes.quantization;
      const rounded = toFloat32(codes.decode());
      const layout = slicesOf(codes.dims, axis, rounded.length);
      trainer.setWeight(name, nearCodes(toFloat32(was.decode()), rounded, layout, scale));
    }
    const ends: EpochEnd[] = [];
    await training.fit((end) => void ends.push(end));
    training.writeBack();
    context.table(tableOf(ends));
  } finally {
    training.release();
  }
}

function tableOf(ends: readonly EpochEnd[]): ReportTable {
  const isJudged = ends.some(({ heldOut }) => heldOut !== null);
  const isLabelled = ends.some(({ heldOut }) => heldOut?.accuracy != null);
  return {
    title: 'Training of the quantized model',
    columns: [
      'epoch',
      'loss',
      ...(isJudged ? ['loss, held out'] : []),
      ...(isLabelled ? ['right, held out'] : []),
    ],
    rows: ends.map(({ epoch, loss, heldOut }) => [
      epoch,
      loss,
      ...(isJudged ? [heldOut?.loss ?? ''] : []),
      ...(isLabelled ? [`${(100 * (heldOut?.accuracy ?? 0)).toFixed(2)} %`] : []),
    ]),
  };
}
