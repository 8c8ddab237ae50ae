import type { Executor, Model, PassContext, Value } from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import { collectMoments, type LayerMoments, type MomentRequest } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import type { Selected } from '../static/selection.js';
import { isQuantized } from '../weights/integer-weight.js';
import { weightSettings } from '../weights/weight-settings.js';

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
    // Which weights meet in a sum of ConvTranspose depends on where it stands: no one patch is what a row of them multiplies.
    if (node.op === 'ConvTranspose') continue;
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
