import {
  dense,
  type Model,
  type Node,
  type OutputProbe,
  type PassContext,
  type Quantization,
  Tensor,
  toFloat32,
  type Value,
} from '@espalier/core';
import type { QuantizeOptions } from '../options.js';
import { integerWeight, isQuantized } from '../weights/integer-weight.js';
import { weightSettings } from '../weights/weight-settings.js';
import { jointsOf, type Measured, type Surveyed } from './network-of.js';

/**
 * How far the outputs of the float model are off when one grid alone is there, or the weights of one layer alone are rounded.
 *
 * @param probe - opened with the float model
 */
export async function measureErrors(
  surveyed: Surveyed,
  probe: OutputProbe,
  { options, progress }: PassContext<QuantizeOptions>,
): Promise<Omit<Measured, 'elements'>> {
  const { model, selected, grids } = surveyed;
  const roots = new Set(jointsOf(surveyed).values());
  const gridErrors = new Map<Value, number>();
  const weightErrors = new Map<Node, number>();
  const total = roots.size + selected.length;
  for (const value of roots) {
    const grid = grids.get(value);
    if (grid !== undefined) gridErrors.set(value, (await probe.compare(withGrid(model, value, grid))).error);
    await progress(gridErrors.size, total, 'weighing values');
  }
  for (const { node, operator } of selected) {
    const rounded =
      operator.weights === undefined ? null : withWeights(model, node, operator.weights, options);
    if (rounded !== null) weightErrors.set(node, (await probe.compare(rounded)).error);
    await progress(roots.size + weightErrors.size, total, 'weighing weights');
  }
  return { gridErrors, weightErrors };
}

function withGrid(model: Model, { name }: Value, quantization: Quantization): Model {
  const copy = model.clone();
  const value = copy.graph.value(name);
  if (value !== undefined)
    copy.graph.setType(value, { dtype: 'float32', dims: value.type?.dims ?? null, quantization });
  return copy;
}

/** With the nearest codes; null where there is nothing to be rounded. */
function withWeights(
  model: Model,
  node: Node,
  place: { readonly weight: number; readonly axis: number },
  options: Readonly<QuantizeOptions>,
): Model | null {
  const weight = node.inputs[place.weight];
  if (weight?.constant == null || isQuantized(weight.constant)) return null;
  const { name, constant } = weight;
  const settings = { ...weightSettings(options, { name, op: node.op }), rounding: 'nearest' as const };
  const codes = integerWeight(constant, { name, axis: place.axis, settings });
  const copy = model.clone();
  const own = copy.graph.value(name);
  if (own === undefined) return null;
  const rounded = toFloat32(codes.decode());
  copy.graph.replaceConstant(own, dense(new Tensor('float32', rounded, constant.dims)));
  return copy;
}
