import type { Model } from '@espalier/core';
import { type Axis, ChannelSpace } from './channel-space.js';
import { couplingTable } from './couplings/coupling-table.js';
import { NodeAxes } from './node-axes.js';

/** One index along a dimension. */
export interface Slot {
  readonly axis: Axis;
  readonly index: number;
}

/** What has to go together: a channel, a neuron, with all its slots in all tensors. */
export interface Unit {
  readonly id: number;
  readonly slots: readonly Slot[];
}

/** Units that the same weights compute: the channels of a layer, or of layers whose results are summed. */
export interface UnitGroup {
  /** Names of all weights that compute them: the same while the model becomes narrower. */
  readonly key: string;
  /** The name of the first weight that computes them. */
  readonly name: string;
  /** The dimensions of weights whose slices compute them. */
  readonly producers: readonly Axis[];
  /** In their order. */
  readonly units: readonly Unit[];
  /** Why none of them can go; null where they can. */
  readonly pinned: string | null;
}

export interface UnitsOfModel {
  readonly space: ChannelSpace;
  readonly groups: readonly UnitGroup[];
}

/**
 * The units of a model, by the weights that compute them.
 *
 * @param model - with inferred shapes
 */
export function findUnits(model: Model): UnitsOfModel {
  const space = coupledSlots(model);
  const units = unitsOf(space);
  const byProducers = new Map<string, { producers: Axis[]; units: Unit[] }>();
  for (const unit of units) {
    const producers = space.producers.filter((axis) => unit.slots.some((slot) => slot.axis === axis));
    // Pinned and free ones of a layer are told apart: of a sum that reaches further, some may stay.
    const key = [...producers.map(({ start }) => start), space.pinned(unit.id) === null].join();
    const group = byProducers.get(key) ?? { producers, units: [] };
    group.units.push(unit);
    byProducers.set(key, group);
  }
  const groups = [...byProducers.values()].map(
    ({ producers, units }): UnitGroup => ({
      key: JSON.stringify(producers.map(({ value, axis }) => [value.name, axis])),
      name: producers[0]?.value.name ?? '',
      producers,
      units,
      pinned: space.pinned(units[0]?.id ?? -1),
    }),
  );
  return { space, groups };
}

function coupledSlots(model: Model): ChannelSpace {
  const { graph } = model;
  const space = new ChannelSpace(model);
  for (const value of graph.inputs) pinValue(space, value, `they are those of the input "${value.name}"`);
  for (const node of graph.nodes) {
    const axes = new NodeAxes(node, space);
    const coupling =
      node.domain === '' && Object.hasOwn(couplingTable, node.op) ? couplingTable[node.op] : undefined;
    if (coupling === undefined || !axes.hasRanks) axes.pinAll();
    else coupling(axes);
  }
  for (const value of graph.outputs) pinValue(space, value, `they are those of the output "${value.name}"`);
  return space;
}

function pinValue(space: ChannelSpace, value: Parameters<ChannelSpace['axesOf']>[0], why: string): void {
  for (const axis of space.axesOf(value) ?? []) if (axis !== null) space.pin(axis, why);
}

/** All units that some weights compute, by the first of their slots. */
function unitsOf(space: ChannelSpace): readonly Unit[] {
  const wanted = new Map<number, Slot[]>();
  for (const axis of space.producers)
    for (let i = 0; i < axis.size; i++)
      if (!wanted.has(space.unitAt(axis, i))) wanted.set(space.unitAt(axis, i), []);
  for (const axis of space.axes)
    for (let index = 0; index < axis.size; index++)
      wanted.get(space.unitAt(axis, index))?.push({ axis, index });
  return [...wanted].map(([id, slots]) => ({ id, slots }));
}
