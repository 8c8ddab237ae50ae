import { type Graph, isDynamicRange } from '@espalier/core';
import type { Exclusions } from '../exclusions.js';

/** Lets nodes read activations as they are, not rounded to their own ranges: measured ranges are to take their place. */
export function leaveOutRanges(graph: Graph, exclusions: Exclusions): void {
  for (const range of graph.nodes.filter(isDynamicRange)) {
    const [x] = range.inputs;
    const [rounded] = range.outputs;
    if (x == null || rounded == null) continue;
    for (const node of graph.consumers(rounded)) {
      if (exclusions.has(node)) continue;
      for (const [index, input] of node.inputs.entries())
        if (input === rounded) graph.setInput(node, index, x);
    }
  }
  graph.removeDead();
}
