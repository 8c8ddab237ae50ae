import { isBigInt, type Tensor } from '@espalier/core';
import { modelError, shapeError } from './failures.js';
import type { Inputs, NamedCall } from './operator.js';

/** The input at `index`. */
export function required(inputs: Inputs, index: number, call: NamedCall): Tensor {
  const tensor = inputs[index];
  if (tensor == null) throw modelError(call, `input ${index} is missing.`);
  return tensor;
}

/** The input at `index`, or null where the node leaves it out. */
export function optional(inputs: Inputs, index: number): Tensor | null {
  return inputs[index] ?? null;
}

/** `axis` counted from the front: a negative one counts from the back. `limit` is the rank. */
export function resolveAxis(axis: number, limit: number, call: NamedCall): number {
  const resolved = axis < 0 ? axis + limit : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < limit) return resolved;
  throw shapeError(call, `axis ${axis} is outside of rank ${limit}.`);
}

/** Axes counted from the front, ascending, each once. */
export function resolveAxes(axes: readonly number[], rank: number, call: NamedCall): number[] {
  const resolved = axes.map((axis) => resolveAxis(axis, rank, call));
  const sorted = [...new Set(resolved)].sort((a, b) => a - b);
  if (sorted.length === resolved.length) return sorted;
  throw shapeError(call, `axes [${axes.join(', ')}] name one axis twice.`);
}

/** The elements of a small integer tensor (shape, axes, pads, ...) as numbers. */
export function integersOf(tensor: Tensor): number[] {
  // Both kinds of array map each element to a number.
  if (isBigInt(tensor.type)) return Array.from(tensor.data as BigInt64Array, Number);
  return Array.from(tensor.data as Int32Array);
}

/** The one element of a scalar or one-element tensor as a number. */
export function scalarInteger(tensor: Tensor, what: string, call: NamedCall): number {
  const values = integersOf(tensor);
  const value = values[0];
  if (values.length === 1 && value !== undefined) return value;
  throw shapeError(call, `${what} has ${values.length} elements, one is expected.`);
}

/** A shape for messages. */
export function shown(dims: readonly number[]): string {
  return `[${dims.join(', ')}]`;
}
