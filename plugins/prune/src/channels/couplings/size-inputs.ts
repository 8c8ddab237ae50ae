import { type Graph, type Node, Tensor, toNumbers } from '@espalier/core';

/** The numbers of a constant input; null where it is left out or computed. */
export function numbersOf(node: Node, index: number): readonly number[] | null {
  const value = node.inputs[index];
  return value?.constant == null ? null : Array.from(toNumbers(value.constant.decode()));
}

/** Gives a node other sizes. */
export function setInt64(graph: Graph, node: Node, numbers: readonly number[], index = 1): void {
  const data = BigInt64Array.from(numbers, BigInt);
  const name = node.inputs[index]?.name ?? `${node.outputs[0]?.name}_sizes`;
  graph.setInput(node, index, graph.constant(new Tensor('int64', data), name));
}

/** An axis counted from the front. */
export function wrap(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
