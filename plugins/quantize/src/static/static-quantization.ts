import {
  type ActivationRange,
  type Calibrator,
  type Executor,
  forOp,
  type Graph,
  inferShapes,
  type Model,
  type PassContext,
  type Quantization,
  type Value,
} from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import { calibratorNamed } from '../calibrators/registered.js';
import type { Exclusions } from '../exclusions.js';
import { collectMoments, type LayerMoments, type MomentRequest } from '../moments/collect-moments.js';
import { type QuantizeOptions, quantizeOptions } from '../options.js';
import { layerNoise } from '../rounding/layer-noise.js';
import { type MixedBudget, mixedBits, type OpenLayer } from '../rounding/mixed-precision.js';
import { isQuantized } from '../weights/integer-weight.js';
import { quantizeWeights } from '../weights/weight-only.js';
import { weightSettings } from '../weights/weight-settings.js';
import { activationGrid, fixedGrid } from './activation-grid.js';
import { calibrate, type MakeObserver } from './calibrate.js';
import { quantizeParameters } from './integer-parameters.js';
import type { TypeOf } from './operators.js';
import { type Selected, selectNodes, valuesOf } from './selection.js';

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
  const typeOf = inferredTypes(model);
  const selected = selectNodes(model, typeOf, exclusions, options.outputs === 'float32');
  // Measured on the float model: grids and codes come after.
  const grids = await chooseGrids(model, selected, tools, context);
  const measured = await measureLayers(model, selected, tools, context);
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

/** A grid for each value around the selected nodes that has none yet. */
async function chooseGrids(
  model: Model,
  selected: readonly Selected[],
  { executor, calibrators }: Tools,
  context: PassContext<QuantizeOptions>,
): Promise<ReadonlyMap<Value, Quantization>> {
  const open = new Set(selected.flatMap(valuesOf).filter((value) => value.type?.quantization === undefined));
  const moved = new Map<Value, Value>();
  const grids = new Map<Value, Quantization>();
  for (const { node, operator, results } of selected) {
    for (const value of results) {
      if (!open.has(value)) continue;
      const fixed = results[0] === node.outputs[0] ? fixedGrid(node.op) : null;
      const source = node.inputs[0];
      const isWide = storageOf(model.graph, value, context.options) === 'int16';
      if (operator.role === 'mover' && source != null) moved.set(value, source);
      else if (fixed !== null && !isWide) grids.set(value, fixed);
    }
  }
  const measured = [...open].filter((value) => !moved.has(value) && !grids.has(value));
  const names = new Set(measured.map((value) => value.name));
  const observerOf = observers(model, calibrators, context.options);
  const ranges =
    names.size === 0
      ? new Map<string, ActivationRange>()
      : await calibrate(model, names, observerOf, requireCalibration(executor, context.data), context);
  for (const value of measured) {
    const range = ranges.get(value.name) ?? { min: 0, max: 0 };
    grids.set(value, activationGrid(range, storageOf(model.graph, value, context.options)));
  }
  // In order of execution, so that a chain of movers hands on one grid.
  for (const [value, source] of moved) {
    const grid = grids.get(source) ?? source.type?.quantization;
    if (grid !== undefined) grids.set(value, grid);
  }
  return grids;
}

/** The observer of each value, as the options say by the value's name or the operator that computes it. */
function observers(
  { graph }: Model,
  calibrators: readonly Calibrator[],
  options: QuantizeOptions,
): MakeObserver {
  return (name) => {
    const op = graph.producer(graph.value(name))?.op ?? '';
    const chosen = forOp(options.observer, quantizeOptions.defaults.observer, { name, op });
    const bitWidth = storageOf(graph, graph.value(name), options) === 'int16' ? 16 : 8;
    return calibratorNamed(calibrators, chosen).observe({ percentile: options.percentile, bitWidth });
  };
}

/** The codes of a value, as the options say by its name or the operator that computes it. */
function storageOf(
  graph: Graph,
  value: Value | undefined,
  { activations }: QuantizeOptions,
): 'int8' | 'int16' {
  const layer = { name: value?.name ?? '', op: graph.producer(value)?.op ?? '' };
  return forOp(activations, quantizeOptions.defaults.activations, layer);
}
