import type { Graph } from '@espalier/core';

/** Whether there may be products with codes whose range is known at run time: what computes them is loaded only then. */
export function isDynamic(graph: Graph): boolean {
  return ['DynamicQuantizeLinear', 'MatMulInteger'].every((op) => graph.nodesOf(op).length > 0);
}
