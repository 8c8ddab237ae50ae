import type { Unit, UnitGroup } from './find-units.js';
import { Remaining } from './remaining.js';

/** A group whose units may go, and how much each counts. */
export interface RankedGroup {
  readonly group: UnitGroup;
  /** One for each unit, in their order. */
  readonly scores: Float64Array;
  /** Units that are to stay. */
  readonly keep: number;
}

/**
 * The units that go: those of each group that count least, or of all groups together, which then keep together what they
 * would keep alone. Of equal ones those that come last go; the last unit of a tensor never does.
 */
export function unitsToRemove(ranked: readonly RankedGroup[], scope: 'layer' | 'global'): readonly Unit[] {
  const remaining = new Remaining();
  const pools = scope === 'layer' ? ranked.map((one) => [one]) : [ranked];
  return pools.flatMap((pool) => leastUnits(pool, remaining));
}

function leastUnits(pool: readonly RankedGroup[], remaining: Remaining): readonly Unit[] {
  const all = pool.flatMap(({ group, scores }) =>
    group.units.map((unit, i) => ({ unit, score: scores[i] ?? 0, place: i })),
  );
  let excess = all.length - pool.reduce((sum, { keep }) => sum + keep, 0);
  const gone: Unit[] = [];
  for (const { unit } of all.sort((a, b) => a.score - b.score || b.place - a.place)) {
    if (excess <= 0) break;
    if (!remaining.take(unit)) continue;
    gone.push(unit);
    excess--;
  }
  return gone;
}
