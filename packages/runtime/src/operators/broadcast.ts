import { shapeError } from './failures.js';
import { shown } from './inputs.js';
import type { NamedCall } from './operator.js';
import { stridesOf, type View } from './strides.js';

/**
 * The shape that all `shapes` broadcast to, numpy's rule: aligned at the last axis, ones stretch.
 *
 * @throws {ShapeError} when two of them differ in an axis and neither is 1 there
 */
export function broadcastDims(shapes: readonly (readonly number[])[], call: NamedCall): number[] {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  const result = new Array<number>(rank).fill(1);
  for (const dims of shapes) {
    for (let i = 0; i < dims.length; i++) {
      const axis = rank - dims.length + i;
      const dim = dims[i] ?? 1;
      if (dim === 1) continue;
      if (result[axis] !== 1 && result[axis] !== dim) {
        throw shapeError(call, `shapes ${shapes.map(shown).join(' and ')} do not broadcast to one another.`);
      }
      result[axis] = dim;
    }
  }
  return result;
}

/** A tensor of shape `dims` seen as one of shape `target`: stretched axes have stride 0. */
export function broadcastView(dims: readonly number[], target: readonly number[]): View {
  const own = stridesOf(dims);
  const missing = target.length - dims.length;
  return {
    start: 0,
    strides: target.map((_, axis) => (dims[axis - missing] === 1 ? 0 : (own[axis - missing] ?? 0))),
  };
}

/**
 * The view of one-way broadcasting: `dims` must stretch to `target` without changing it.
 *
 * @throws {ShapeError} when it does not
 */
export function stretchedView(dims: readonly number[], target: readonly number[], call: NamedCall): View {
  const fits = shown(broadcastDims([dims, target], call)) === shown(target);
  if (!fits) throw shapeError(call, `shape ${shown(dims)} does not broadcast to ${shown(target)}.`);
  return broadcastView(dims, target);
}
