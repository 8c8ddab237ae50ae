import {
  type Calibrator,
  type Executor,
  type Model,
  OptionsError,
  type PassContext,
  type RequantizationRule,
} from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import type { QuantizeOptions } from '../options.js';
import { measureLayers, withWidths } from '../rounding/measured-layers.js';
import { quantizeWeights } from '../weights/weight-only.js';
import { drawBorders } from './borders.js';
import { chooseGrids } from './choose-grids.js';
import { quantizeParameters } from './integer-parameters.js';
import { inferredTypes } from './operators.js';
import { selectNodes } from './selection.js';

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
