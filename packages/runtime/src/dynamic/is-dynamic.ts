import { type Graph, isDynamicRange } from '@espalier/core';

/** Whether there may be codes whose range is known at run time: what computes with them is loaded only then. */
export function isDynamic(graph: Graph): boolean {
  return graph.nodes.some(isDynamicRange);
}
