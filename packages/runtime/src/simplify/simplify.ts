import type { Graph, Node } from '@espalier/core';
import { cancelTransposes } from './cancel-transposes.js';
import { foldNorm } from './fold-norm.js';
import { recognizeHardSwish } from './hard-swish.js';
import { padIntoConv } from './pad-into-conv.js';

type Rewrite = (graph: Graph, node: Node) => boolean;

/** What looks at which operator. */
const rewrites: Readonly<Record<string, Rewrite>> = {
  BatchNormalization: foldNorm,
  Conv: padIntoConv,
  Div: recognizeHardSwish,
  Mul: recognizeHardSwish,
  Transpose: cancelTransposes,
};

/**
 * Rewrites, in place, what exporters spell out and kernels do at once: so a file that nobody has compressed runs as fast
 * as one that the passes `fuse` and `fold-batch-norm` have been over. Results are the same but for rounding; what is
 * quantized in between stays as it is. Types must have been inferred.
 */
export function simplify(graph: Graph): void {
  for (const node of graph.nodes) {
    const rewrite = node.domain === '' && Object.hasOwn(rewrites, node.op) ? rewrites[node.op] : undefined;
    if (rewrite?.(graph, node)) graph.removeDead();
  }
}
