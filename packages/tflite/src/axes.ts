import type { Dim } from '@espalier/core';

/**
 * The axes of one tensor in the order in which another value has them: `order[i]` is the tensor's axis that is axis i of
 * the value. A Transpose by `perm: order` makes the value from the tensor.
 */
export type Order = readonly number[];

/** [N, H, W, C] as [N, C, H, W]. */
export const channelsFirst: Order = [0, 3, 1, 2];
/** [N, C, H, W] as [N, H, W, C]. */
export const channelsLast: Order = [0, 2, 3, 1];

/** The axes as they are. */
export function sameOrder(rank: number): Order {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isSameOrder(order: Order): boolean {
  return order.every((axis, index) => axis === index);
}

/** The order that undoes another. */
export function inverse(order: Order): Order {
  return order.map((_, axis) => order.indexOf(axis));
}

/** The Transpose that leads from a value in the order `from` to one in the order `to`. */
export function between(from: Order, to: Order): Order {
  return to.map((axis) => from.indexOf(axis));
}

export function reordered<T>(items: readonly T[], order: Order): readonly T[] {
  return order.map((axis) => {
    const item = items[axis];
    if (item === undefined) throw new RangeError(`There is no axis ${axis} among ${items.length}.`);
    return item;
  });
}

/** Whether elements stay where they are in memory: only axes of one element change places. */
export function keepsMemory(dims: readonly Dim[], order: Order): boolean {
  const moved = order.filter((axis) => dims[axis] !== 1);
  return moved.every((axis, index) => index === 0 || axis > (moved[index - 1] ?? 0));
}

/** The order of the axes that are left when some axes of the tensor are taken away. */
export function withoutAxes(order: Order, taken: readonly number[]): Order {
  const left = order.filter((axis) => !taken.includes(axis));
  return left.map((axis) => axis - taken.filter((other) => other < axis).length);
}

/** An axis counted from the front; null where the tensor has no such axis. */
export function fromFront(axis: number, rank: number): number | null {
  const place = axis < 0 ? axis + rank : axis;
  return Number.isInteger(place) && place >= 0 && place < rank ? place : null;
}
