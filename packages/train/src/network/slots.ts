import { type Encoding, type Node, UnsupportedError, type Value } from '@espalier/core';
import type { Layout } from '@espalier/runtime/tape';
import { entryOf } from '../operators/entry-of.js';

/** Whose scales make the unit of a quantized bias: names of values. */
export interface BiasUnit {
  readonly input: string;
  readonly weight: string;
}

/** A constant that nodes read as weight, bias or the like. */
export interface Slot {
  readonly name: string;
  readonly constant: Encoding;
  readonly layout: Layout;
  readonly isTrainable: boolean;
  readonly isState: boolean;
  readonly isPenalized: boolean;
  /** One for each node that adds it to products. */
  readonly units: readonly BiasUnit[];
}

/**
 * The constants that a network computes with, by name.
 *
 * @param trainable - which of them may be trained
 * @throws {UnsupportedError} when two nodes want one in unlike orders of elements
 */
export function slotsOf(
  nodes: readonly Node[],
  trainable: (name: string) => boolean,
): ReadonlyMap<string, Slot> {
  const found = new Map<string, Slot>();
  for (const node of nodes) {
    for (const slot of entryOf(node).parameters?.(node) ?? []) {
      const { index, layout, isState = false, isFixed = false, isBias = false } = slot;
      const value = node.inputs[index];
      if (value?.constant == null) continue;
      const { name, constant } = value;
      const unit = slot.unit === undefined ? null : unitOf(node, slot.unit);
      const known = found.get(name);
      if (known !== undefined && known.layout !== layout && constant.dims.length > 2) {
        throw new UnsupportedError({
          what: `The weight "${name}" is shared by operators that hold it in unlike orders.`,
          where: `node "${node.name}"`,
          fix: 'Give each of them a weight of its own.',
        });
      }
      if (known !== undefined) {
        if (unit !== null) found.set(name, { ...known, units: [...known.units, unit] });
        continue;
      }
      const isTrainable = !isState && !isFixed && trainable(name);
      const isPenalized = !isBias && constant.dims.length > 1;
      const units = unit === null ? [] : [unit];
      found.set(name, { name, constant, layout, isTrainable, isState, isPenalized, units });
    }
  }
  return found;
}

function unitOf(node: Node, [input, weight]: readonly [number, number]): BiasUnit | null {
  const [a, b] = [node.inputs[input], node.inputs[weight]];
  return a == null || b == null ? null : { input: a.name, weight: b.name };
}

/** Values that a trained constant has a part in. */
export function differentiatedBy(
  nodes: readonly Node[],
  isTrained: (name: string) => boolean,
): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const node of nodes) {
    const depends = node.inputs.some(
      (value) => value !== null && (found.has(value) || (value.constant !== null && isTrained(value.name))),
    );
    if (depends) for (const output of node.outputs) if (output !== null) found.add(output);
  }
  return found;
}
