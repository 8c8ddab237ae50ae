import type { ActivationRange, Graph, Node, Quantization, Value } from '@espalier/core';
import { activationGrid } from './activation-grid.js';
import type { Selected } from './selection.js';

/** What is known of grids before those of Concat are made one. */
export interface GridChoice {
  /** Changed here. */
  readonly grids: Map<Value, Quantization>;
  /** Values that have the grid of another one. */
  readonly moved: ReadonlyMap<Value, Value>;
  /** Of the values that were measured, by name: others have grids that can't change. */
  readonly ranges: ReadonlyMap<string, ActivationRange>;
}

/**
 * Puts what a Concat reads and what it makes on one grid, as wide as the widest: TensorFlow Lite copies codes. What has a
 * grid that can't change, as a Sigmoid has, is requantized before it.
 *
 * @see TensorFlow Lite 8-bit quantization specification, CONCATENATION
 */
export function joinConcats(graph: Graph, selected: readonly Selected[], choice: GridChoice): void {
  const groups = new Groups();
  for (const { node } of selected) {
    const [result] = node.outputs;
    if (node.op !== 'Concat' || result == null || !choice.ranges.has(result.name)) continue;
    for (const [index, operand] of node.inputs.entries()) {
      if (operand === null) continue;
      const source = sourceOf(operand, choice.moved);
      const range = choice.ranges.get(source.name);
      if (range !== undefined) groups.join(result, source);
      else groups.join(result, requantized(graph, node, index, operand, choice.grids));
    }
  }
  for (const members of groups.all()) {
    const before = members.map((value) => choice.grids.get(value)).filter((grid) => grid !== undefined);
    const storage = before.some(({ storageType }) => storageType === 'int16') ? 'int16' : 'int8';
    const grid = activationGrid(hull(members, choice), storage);
    for (const value of members) choice.grids.set(value, grid);
  }
}

function sourceOf(value: Value, moved: ReadonlyMap<Value, Value>): Value {
  let source = value;
  for (let next = moved.get(source); next !== undefined; next = moved.get(source)) source = next;
  return source;
}

/** Puts a step from grid to grid before an input; the new value begins on the old one. */
function requantized(
  graph: Graph,
  node: Node,
  index: number,
  operand: Value,
  grids: Map<Value, Quantization>,
): Value {
  const dims = operand.type?.dims ?? null;
  const value = graph.insertBefore(node, index, { op: 'Identity' }, { dtype: 'float32', dims });
  const grid = grids.get(operand) ?? operand.type?.quantization;
  if (grid !== undefined) grids.set(value, grid);
  return value;
}

/** All that any of some values can be. */
function hull(values: readonly Value[], { grids, ranges }: GridChoice): ActivationRange {
  const each = values.map((value) => ranges.get(value.name) ?? reachOf(grids.get(value)));
  return { min: Math.min(...each.map(({ min }) => min)), max: Math.max(...each.map(({ max }) => max)) };
}

/** The reals that a grid of 8 bits reaches. */
function reachOf(grid: Quantization | undefined): ActivationRange {
  const [scale = 0, zero = 0] = [grid?.scale[0], grid?.zeroPoint[0]];
  return { min: scale * (-128 - zero), max: scale * (127 - zero) };
}

/** Sets of values that grow together. */
class Groups {
  readonly #groups = new Map<Value, Set<Value>>();

  join(a: Value, b: Value): void {
    const [first, second] = [this.#groupOf(a), this.#groupOf(b)];
    if (first === second) return;
    for (const value of second) {
      first.add(value);
      this.#groups.set(value, first);
    }
  }

  all(): readonly (readonly Value[])[] {
    return [...new Set(this.#groups.values())].map((group) => [...group]);
  }

  #groupOf(value: Value): Set<Value> {
    const group = this.#groups.get(value) ?? new Set([value]);
    this.#groups.set(value, group);
    return group;
  }
}
