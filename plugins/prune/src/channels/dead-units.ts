import { type Executor, type Model, type Node, toFloat32, type Value } from '@espalier/core';
import type { Axis, Contraction } from './channel-space.js';
import type { Unit, UnitsOfModel } from './find-units.js';
import { canTakeShift } from './fold-shift.js';
import { type SettledUnits, settledUnits } from './settled-units.js';
import { sliceSquares } from './unit-norms.js';

/** Units that can go without a change of any output, and the constants that they were. */
export interface DeadUnits {
  readonly units: readonly Unit[];
  readonly settled: SettledUnits;
}

/**
 * Units whose removal changes nothing but float rounding: wherever something is summed over them, no weight leads out of them,
 * or they are 0, or a constant that a bias can take over.
 */
export function deadUnits(model: Model, found: UnitsOfModel, executor: Executor | null): DeadUnits {
  const settled = settledUnits(model, found, executor);
  const alive = unitsAlongTwoAxes(found);
  const canTake = new Map<Node, boolean>();
  for (const contraction of found.space.contractions) {
    const { read, node } = contraction;
    const known = settled.get(read.value);
    const weighted = weightedUnits(contraction, found);
    const takes = canTake.get(node) ?? canTakeShift(model, node);
    canTake.set(node, takes);
    for (let i = 0; i < read.size; i++) {
      const unit = found.space.unitAt(read, i);
      const constant = known?.get(unit);
      const isSettled = constant === 0 || (constant !== undefined && takes);
      if (!isSettled && (weighted === null || weighted.has(unit))) alive.add(unit);
    }
  }
  const units = found.groups.filter(({ pinned }) => pinned === null).flatMap(({ units }) => units);
  return { units: units.filter(({ id }) => !alive.has(id)), settled };
}

/** Units that a weight other than zero multiplies with; null where the other factor is computed. */
function weightedUnits({ weight }: Contraction, { space }: UnitsOfModel): ReadonlySet<number> | null {
  if (weight?.value.constant == null) return null;
  const { constant } = weight.value;
  const squares = sliceSquares(toFloat32(constant.decode()), constant.dims, weight.axis);
  const units = new Set<number>();
  for (let i = 0; i < weight.size; i++) if (squares[i] !== 0) units.add(space.unitAt(weight, i));
  return units;
}

/** Of a product of a tensor with itself no slice can be told to be constant. */
function unitsAlongTwoAxes({ space }: UnitsOfModel): Set<number> {
  const axisOf = new Map<Value, Map<number, Axis>>();
  const found = new Set<number>();
  for (const axis of space.axes) {
    if (axis.value.constant !== null) continue;
    const units = axisOf.get(axis.value) ?? new Map<number, Axis>();
    axisOf.set(axis.value, units);
    for (let i = 0; i < axis.size; i++) {
      const unit = space.unitAt(axis, i);
      if ((units.get(unit) ?? axis) !== axis) found.add(unit);
      units.set(unit, axis);
    }
  }
  return found;
}
