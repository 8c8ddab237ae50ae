import type { Axis } from './channel-space.js';
import type { Unit } from './find-units.js';

/** How many slots of each dimension are left. No tensor may end up empty. */
export class Remaining {
  readonly #left = new Map<Axis, number>();

  /** Takes a unit out, unless it is the last of some dimension; says whether it could. */
  take({ slots }: Unit): boolean {
    const counts = new Map<Axis, number>();
    for (const { axis } of slots) counts.set(axis, (counts.get(axis) ?? 0) + 1);
    for (const [axis, count] of counts) if (this.#leftOf(axis) <= count) return false;
    for (const [axis, count] of counts) this.#left.set(axis, this.#leftOf(axis) - count);
    return true;
  }

  #leftOf(axis: Axis): number {
    return this.#left.get(axis) ?? axis.size;
  }
}
