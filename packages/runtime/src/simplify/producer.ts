import { type Graph, type Node, toNumbers, type Value } from '@espalier/core';

/** The node that computes a value which nobody else reads, where it is one of `ops`, and the value is not rounded to a grid. */
export function soleProducer(
  graph: Graph,
  value: Value | null | undefined,
  ...ops: readonly string[]
): Node | null {
  const node = graph.producer(value);
  if (node === undefined || node.domain !== '' || !ops.includes(node.op)) return null;
  const isSeen = graph.isOutput(value) || graph.uses(value).size !== 1;
  return isSeen || value?.type?.quantization !== undefined ? null : node;
}

/** The number that a constant of one element is; null for anything else. */
export function numberIn(value: Value | null | undefined): number | null {
  const encoding = value?.constant;
  if (encoding == null || encoding.dims.some((dim) => dim !== 1)) return null;
  return toNumbers(encoding.decode())[0] ?? null;
}
