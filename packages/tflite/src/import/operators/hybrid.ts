import { roundedToRange, type Value } from '@espalier/core';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext } from '../operator-context.js';

/**
 * The activation of a product as its kernel multiplies it. Beside integer weights reals become codes on a grid of their own
 * range, which LiteRT finds when it runs: that of an image, or of each vector of channels, or row, where the product is one of
 * matrices. uint8 weights, of files before 2019, are computed with as reals.
 *
 * @param axes - of the value, which share a range
 */
export function multiplied(
  context: OperatorContext,
  x: FileTensor,
  weights: FileTensor,
  value: Value,
  axes: readonly number[],
): Value {
  if (!isHybrid(context, x, weights)) return value;
  return roundedToRange(context.maker.graph, value, axes);
}

function isHybrid(context: OperatorContext, x: FileTensor, weights: FileTensor): boolean {
  if (x.quantization !== null || x.type !== 'float32' || context.constantOf(weights) === null) return false;
  return weights.quantization?.storageType === 'int8';
}
