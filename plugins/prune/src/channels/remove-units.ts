import { inferShapes, type Model, type Value } from '@espalier/core';
import type { Axis } from './channel-space.js';
import type { Unit, UnitsOfModel } from './find-units.js';
import { narrowEncoding, narrowQuantization } from './narrow-encoding.js';

/**
 * Takes units out of a model: out of all tensors that have a part of them, and of the attributes that tell sizes. Some
 * of every dimension must be left.
 *
 * @param found - the units of this very model, as it is now
 */
export function removeUnits(model: Model, { space }: UnitsOfModel, units: Iterable<Unit>): void {
  const gone = new Map<Axis, Set<number>>();
  for (const { slots } of units) {
    for (const { axis, index } of slots) {
      const indices = gone.get(axis) ?? new Set();
      gone.set(axis, indices.add(index));
    }
  }
  const copies = new Map<string, Value>();
  const keptOf = (axis: Axis): Uint32Array => {
    const all = Uint32Array.from({ length: axis.size }, (_, i) => i);
    return all.filter((i) => gone.get(axis)?.has(i) !== true);
  };
  for (const axis of gone.keys()) {
    const kept = keptOf(axis);
    if (axis.use !== null) narrowUse(model, axis, kept, copies);
    else narrowValue(model, axis.value, axis.axis, kept);
  }
  space.repair(keptOf);
  model.graph.removeDead();
  // A mistake of a coupling shows here.
  inferShapes(model);
}

function narrowValue({ graph }: Model, value: Value, axis: number, kept: Uint32Array): void {
  if (value.constant !== null) {
    graph.replaceConstant(value, narrowEncoding(value.constant, axis, kept));
    return;
  }
  const { type } = value;
  if (type?.dims == null) return;
  const dims = type.dims.map((dim, i) => (i === axis ? kept.length : dim));
  const { quantization } = type;
  graph.setType(value, {
    ...type,
    dims,
    ...(quantization && { quantization: narrowQuantization(quantization, axis, kept) }),
  });
}

/** Gives one reader of a constant its own, narrower one; those that keep the same share it still. */
function narrowUse(
  model: Model,
  { value, use, axis }: Axis,
  kept: Uint32Array,
  copies: Map<string, Value>,
): void {
  const { graph } = model;
  if (use === null) return;
  const current = use.node.inputs[use.index];
  if (current?.constant == null) return;
  const key = JSON.stringify([value.name, current.name, axis, [...kept]]);
  const copy = copies.get(key);
  if (copy !== undefined) graph.setInput(use.node, use.index, copy);
  else if (graph.uses(current).size === 1) narrowValue(model, current, axis, kept);
  else {
    const own = graph.constant(narrowEncoding(current.constant, axis, kept), value.name);
    copies.set(key, own);
    graph.setInput(use.node, use.index, own);
  }
}
