import { type Model, type PassContext, toFloat32, type Weight } from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import type { QuantizeOptions } from '../options.js';
import { toFloat16 } from './float16.js';
import { assertFinite, integerWeight, isQuantized } from './integer-weight.js';
import { weightSettings } from './weight-settings.js';

/** Smaller constants are bounds, epsilons and the like: nothing is gained, and they may have to be exact. */
const smallestConstant = 16;

/**
 * Refuses weights that have no codes, while the model is as it was.
 *
 * @throws {ModelError} naming the weight and the element
 */
export function assertQuantizable(model: Model, exclusions: Exclusions): void {
  for (const weight of model.weights())
    if (isPlain(weight) && !exclusions.has(weight.node))
      assertFinite(toFloat32(weight.decode()), weight.name);
}

/** Holds weights as int8, where that takes fewer bytes. Returns whether there were any. */
export async function quantizeWeights(
  model: Model,
  exclusions: Exclusions,
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const weights = model.weights().filter((weight) => isPlain(weight) && !exclusions.has(weight.node));
  let modified = false;
  for (const [index, weight] of weights.entries()) {
    const { name, axis } = weight;
    const settings = weightSettings(context.options, weight);
    const integer = integerWeight(weight.encoding, { name, axis, settings });
    if (integer.byteLength < weight.encoding.byteLength) {
      model.replaceWeight(weight, integer);
      context.count('weights.quantized', 1);
      modified = true;
    }
    await context.progress(index + 1, weights.length, weight.name);
  }
  return modified;
}

function isPlain({ encoding }: Weight): boolean {
  return encoding.type === 'float32' && !isQuantized(encoding);
}

/** Holds float32 constants as float16. Returns whether there were any. */
export async function halveWeights(
  model: Model,
  exclusions: Exclusions,
  { count, log, progress }: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { graph } = model;
  const constants = graph.constants.filter(
    (value) =>
      value.constant !== null &&
      value.constant.type === 'float32' &&
      value.constant.dims.reduce((a, b) => a * b, 1) >= smallestConstant &&
      !graph.consumers(value).some((node) => exclusions.has(node)),
  );
  let modified = false;
  for (const [index, value] of constants.entries()) {
    await progress(index + 1, constants.length, value.name);
    const halved = value.constant === null ? null : toFloat16(value.constant);
    if (halved === value.constant) continue;
    if (halved === null) {
      log.warn(`"${value.name}" stays float32: float16 ends at 65504, and it has larger values.`);
      continue;
    }
    graph.replaceConstant(value, halved);
    count('weights.halved', 1);
    modified = true;
  }
  return modified;
}
