import { type Model, type Node, toFloat32, toNumbers } from '@espalier/core';
import type { Axis, ChannelSpace } from './channel-space.js';
import type { UnitGroup, UnitsOfModel } from './find-units.js';
import { sliceSquares } from './unit-norms.js';

/** What a unit is ranked by. */
export type Criterion = 'norm' | 'scale';

/**
 * How much each unit of a group counts, in the order of its units.
 *
 * `norm`: the norm of all weights that lead into it and out of it, those of each layer relative to the layer's mean, so that
 * none outweighs the others. Fang et al. 2023 (arXiv:2301.12900), section 3.3; Li et al. 2017 (arXiv:1608.08710) take what
 * leads in alone.
 *
 * `scale`: the magnitudes of the factors of its batch normalizations, summed. Liu et al. 2017 (arXiv:1708.06519).
 *
 * @returns null where a group has no batch normalization, and is to be ranked by it
 */
export function unitScores(
  model: Model,
  found: UnitsOfModel,
  group: UnitGroup,
  criterion: Criterion,
): Float64Array | null {
  return criterion === 'norm' ? normScores(found, group) : scaleScores(model, found, group);
}

function normScores({ space }: UnitsOfModel, group: UnitGroup): Float64Array {
  const slots = slotsOf(group);
  const readers = new Set<Axis>();
  for (const { weight } of space.contractions) if (weight !== null && slots.has(weight)) readers.add(weight);
  const into = meanSquares(group.producers, slots, group.units.length);
  const outOf = meanSquares([...readers], slots, group.units.length);
  return into.map((square, i) => Math.sqrt(square + (outOf[i] ?? 0)));
}

/** Squares of each unit's slices, of each weight relative to the mean over its units, summed over the weights. */
function meanSquares(weights: readonly Axis[], slots: SlotsOfGroup, units: number): Float64Array {
  const sums = new Float64Array(units);
  for (const weight of weights) {
    const { constant } = weight.value;
    if (constant === null) continue;
    const squares = sliceSquares(toFloat32(constant.decode()), constant.dims, weight.axis);
    addRelative(sums, slots.get(weight) ?? [], squares);
  }
  return sums;
}

function addRelative(sums: Float64Array, slots: readonly UnitSlot[], values: ArrayLike<number>): void {
  const total = slots.reduce((sum, { index }) => sum + (values[index] ?? 0), 0);
  if (total === 0) return;
  for (const { unit, index } of slots) sums[unit]! += ((values[index] ?? 0) / total) * sums.length;
}

function scaleScores({ graph }: Model, { space }: UnitsOfModel, group: UnitGroup): Float64Array | null {
  const slots = slotsOf(group);
  const sums = new Float64Array(group.units.length);
  let norms = 0;
  for (const node of graph.nodesOf('BatchNormalization')) {
    const factors = node.inputs[1]?.constant;
    const own = slots.get(factorAxis(space, node));
    if (factors == null || own === undefined) continue;
    norms++;
    addRelative(sums, own, Array.from(toNumbers(factors.decode()), Math.abs));
  }
  return norms === 0 ? null : sums;
}

function factorAxis(space: ChannelSpace, node: Node): Axis | undefined {
  return space.inputAxes(node, 1)?.[0] ?? undefined;
}

interface UnitSlot {
  /** Which of the group's units. */
  readonly unit: number;
  readonly index: number;
}

type SlotsOfGroup = Pick<ReadonlyMap<Axis | undefined, readonly UnitSlot[]>, 'get' | 'has'>;

function slotsOf({ units }: UnitGroup): SlotsOfGroup {
  const slots = new Map<Axis | undefined, UnitSlot[]>();
  for (const [unit, { slots: own }] of units.entries()) {
    for (const { axis, index } of own) {
      const known = slots.get(axis);
      if (known === undefined) slots.set(axis, [{ unit, index }]);
      else known.push({ unit, index });
    }
  }
  return slots;
}
