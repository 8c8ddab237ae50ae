import {
  type Executor,
  type Model,
  type PassContext,
  toFloat32,
  type Value,
  type Weight,
} from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import type { LayerMoments } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import { openProbe, withWidths } from '../rounding/choose-widths.js';
import { measureLayers } from '../rounding/measured-layers.js';
import { correctBias, meanError } from '../static/bias-correction.js';
import { inferredTypes, type WeightPlace } from '../static/operators.js';
import { selectNodes } from '../static/selection.js';
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

/** What calibration data say of layers, by weight. */
export interface MeasuredLayers {
  readonly places: ReadonlyMap<Value, WeightPlace>;
  readonly moments: ReadonlyMap<Value, LayerMoments>;
}

const nothingMeasured: MeasuredLayers = { places: new Map(), moments: new Map() };

/**
 * Integer weights, computed with in float32. Runs the model where rounding, biases or widths depend on data. Returns
 * whether anything changed.
 */
export async function quantizeWeightsOnly(
  model: Model,
  exclusions: Exclusions,
  tools: { readonly executor: Executor | null },
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { options } = context;
  const selected = selectNodes(model, inferredTypes(model), exclusions, false);
  const moments = await measureLayers(model, selected, tools, context);
  const places = new Map<Value, WeightPlace>();
  for (const { node, operator } of selected) {
    const weight = node.inputs[operator.weights?.weight ?? -1];
    if (weight != null && operator.weights !== undefined) places.set(weight, operator.weights);
  }
  const measured = { places, moments };
  const { mixed } = options;
  if (mixed === null) return quantizeWeights(model, exclusions, context, measured);
  const probe = await openProbe(model, tools.executor, context);
  const quantized = async (trial: PassContext<QuantizeOptions>): Promise<Model> => {
    const copy = model.clone();
    await quantizeWeights(copy, exclusions, trial, inCopy(measured, copy));
    return copy;
  };
  const own = await withWidths({ selected, measured: moments, probe, quantized }, mixed, context);
  return quantizeWeights(model, exclusions, { ...context, options: own }, measured);
}

/** The same of a copy, whose values have the same names. */
function inCopy({ places, moments }: MeasuredLayers, { graph }: Model): MeasuredLayers {
  const moved = <T>(of: ReadonlyMap<Value, T>): ReadonlyMap<Value, T> =>
    new Map(
      [...of].flatMap(([value, known]) => {
        const same = graph.value(value.name);
        return same === undefined ? [] : [[same, known] as const];
      }),
    );
  return { places: moved(places), moments: moved(moments) };
}

/** Holds weights as integers, where that takes fewer bytes. Returns whether there were any. */
export async function quantizeWeights(
  model: Model,
  exclusions: Exclusions,
  context: PassContext<QuantizeOptions>,
  measured: MeasuredLayers = nothingMeasured,
): Promise<boolean> {
  const weights = model.weights().filter((weight) => isPlain(weight) && !exclusions.has(weight.node));
  let modified = false;
  for (const [index, weight] of weights.entries()) {
    if (quantizeOne(model, weight, context.options, measured)) {
      context.count('weights.quantized', 1);
      modified = true;
    }
    await context.progress(index + 1, weights.length, weight.name);
  }
  return modified;
}

function quantizeOne(
  model: Model,
  weight: Weight,
  options: Readonly<QuantizeOptions>,
  { places, moments: all }: MeasuredLayers,
): boolean {
  const { name, axis, encoding, value, op } = weight;
  const [place, moments] = [places.get(value), all.get(value)];
  const corrects = options.correctBias && moments !== undefined && place != null && place.bias !== null;
  const settings = weightSettings(options, weight);
  const integer = integerWeight(encoding, { name, axis, settings, moments, isCentred: corrects });
  if (integer.byteLength >= encoding.byteLength) return false;
  model.replaceWeight(weight, integer);
  if (corrects) {
    const error = meanError(encoding, integer, place.axis, moments);
    for (const reader of model.graph.consumers(value))
      if (reader.op === op) correctBias(model.graph, reader, place.bias, error);
  }
  return true;
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
