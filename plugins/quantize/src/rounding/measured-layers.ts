import type { Executor, Model, PassContext, Value } from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import { collectMoments, type LayerMoments, type MomentRequest } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import type { Selected } from '../static/selection.js';
import { isQuantized } from '../weights/integer-weight.js';
import { weightSettings } from '../weights/weight-settings.js';
import { layerNoise } from './layer-noise.js';
import { type MixedBudget, mixedBits, type OpenLayer } from './mixed-precision.js';

/** Moments of the inputs of those layers whose rounding or bias depends on the data. */
export async function measureLayers(
  model: Model,
  selected: readonly Selected[],
  { executor }: { readonly executor: Executor | null },
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
  const mode = options.mode === 'static' ? 'static' : 'weight-only';
  return collectMoments(model, requests, requireCalibration(executor, data, mode), options, progress);
}

/** The options with a width for each layer, as the budget allows. */
export async function withWidths(
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
