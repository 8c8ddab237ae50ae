import {
  type Calibrator,
  type Executor,
  inferShapes,
  type Model,
  OptionsError,
  type PassContext,
  type RequantizationRule,
  type Value,
} from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import type { Exclusions } from '../exclusions.js';
import { collectMoments, type LayerMoments, type MomentRequest } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import { layerNoise } from '../rounding/layer-noise.js';
import { type MixedBudget, mixedBits, type OpenLayer } from '../rounding/mixed-precision.js';
import { isQuantized } from '../weights/integer-weight.js';
import { quantizeWeights } from '../weights/weight-only.js';
import { weightSettings } from '../weights/weight-settings.js';
import { drawBorders } from './borders.js';
import { chooseGrids } from './choose-grids.js';
import { quantizeParameters } from './integer-parameters.js';
import type { TypeOf } from './operators.js';
import { type Selected, selectNodes } from './selection.js';

/** What the pass was given beside options and data. */
export interface Tools {
  readonly executor: Executor | null;
  readonly calibrators: readonly Calibrator[];
}

/**
 * Static post-training quantization: grids for the activations around int8 nodes, integer weights and
 * biases for these, int8 weights for the rest. Returns whether anything changed.
 */
export async function quantizeStatically(
  model: Model,
  exclusions: Exclusions,
  tools: Tools,
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { options, count, log } = context;
  if (options.requantization !== null) setRule(model, options.requantization);
  const typeOf = inferredTypes(model);
  const selected = selectNodes(model, typeOf, exclusions, options.outputs === 'float32');
  // Measured on the float model: grids and codes come after.
  const grids = await chooseGrids(model, selected, tools, context);
  const measured = await measureLayers(model, selected, tools, context);
  if (model.requantization !== 'onnx') drawBorders(model.graph, selected, grids, typeOf);
  for (const [value, quantization] of grids) {
    model.graph.setType(value, { dtype: 'float32', dims: typeOf(value)?.dims ?? null, quantization });
  }
  const own =
    options.mixed === null ? options : await withWidths(options, options.mixed, selected, measured, context);
  const constants = quantizeParameters(model, selected, own, measured);
  const others = await quantizeWeights(model, exclusions, context);
  model.graph.removeDead();
  count('values.quantized', grids.size);
  count('weights.quantized', constants);
  for (const { node } of selected) log.debug(`${node.name || node.op}: int8`);
  return grids.size > 0 || constants > 0 || others;
}

/** @throws {OptionsError} when a part of the model is quantized already, under another rule */
function setRule(model: Model, rule: RequantizationRule): void {
  if (model.requantization === rule) return;
  if (model.graph.values.some(({ type }) => type?.quantization !== undefined)) {
    throw new OptionsError({
      what: `The model has activations that are quantized under the rule "${model.requantization}".`,
      where: 'option "requantization" of "quantize"',
      fix: 'Leave the option out, or quantize the float model.',
    });
  }
  model.setRequantization(rule);
}

/** Moments of the inputs of those layers whose rounding or bias depends on the data. */
async function measureLayers(
  model: Model,
  selected: readonly Selected[],
  { executor }: Tools,
  { options, data, progress }: PassContext<QuantizeOptions>,
): Promise<ReadonlyMap<Value, LayerMoments>> {
  const requests: MomentRequest[] = [];
  for (const { node, operator } of selected) {
    const weight = node.inputs[operator.weights?.weight ?? -1];
    if (weight?.constant == null || isQuantized(weight.constant)) continue;
    const { rounding } = weightSettings(options, { name: weight.name, op: node.op });
    const isKnown = requests.some((request) => request.weight === weight);
    const isOpen = options.mixed !== null;
    if (isKnown || (rounding === 'nearest' && !isOpen && !options.correctBias)) continue;
    requests.push({ node, weight, wantsProducts: isOpen || rounding === 'adaptive' });
  }
  if (requests.length === 0) return new Map();
  return collectMoments(model, requests, requireCalibration(executor, data), options, progress);
}

/** The options with a width for each layer, as the budget allows. */
async function withWidths(
  options: QuantizeOptions,
  budget: MixedBudget,
  selected: readonly Selected[],
  measured: ReadonlyMap<Value, LayerMoments>,
  { count, log, progress }: PassContext<QuantizeOptions>,
): Promise<QuantizeOptions> {
  const open: OpenLayer[] = [];
  for (const { node, operator } of selected) {
    const weight = node.inputs[operator.weights?.weight ?? -1];
    const moments = weight == null ? undefined : measured.get(weight);
    if (weight?.constant == null || moments === undefined || operator.weights === undefined) continue;
    const { name, constant } = weight;
    if (open.some((layer) => layer.name === name)) continue;
    const settings = weightSettings(options, { name, op: node.op });
    const size = constant.dims.reduce((a, b) => a * b, 1);
    open.push({ name, size, noise: layerNoise(constant, operator.weights.axis, name, settings, moments) });
    await progress(open.length, measured.size, 'weighing layers');
  }
  const widths = mixedBits(open, budget);
  for (const [name, bits] of widths) log.info(`${name}: ${bits} bits`);
  for (const bits of new Set(widths.values()))
    count(`layers.${bits}-bit`, [...widths.values()].filter((other) => other === bits).length);
  return { ...options, bits: { ...Object.fromEntries(widths), default: 8 } };
}

/** Types with shapes inferred, of a copy: the model itself may have to stay as it is. */
function inferredTypes(model: Model): TypeOf {
  const copy = model.clone();
  inferShapes(copy, { onContradiction() {} });
  return (value) => (value == null ? null : (copy.graph.value(value.name)?.type ?? value.type));
}
