import { type Attributes, type Graph, type Node, string, type Value } from '@espalier/core';

/** Of nodes that only plans have. */
const internalDomain = 'espalier.internal';

/** Which elements of an activation share a range: all, those of one sample, or those along the axis that is summed over. */
export type RangeOf = 'tensor' | 'sample' | 'vector';

/**
 * Puts a Conv, Gemm or MatMul over codes of run-time ranges in the place of a node: x (reals, which it puts on their grids), int8
 * weights, bias or none. Attributes are those of the operator.
 */
export function replaceByProduct(
  graph: Graph,
  node: Node,
  like: { readonly op: string; readonly name: string; readonly attributes: Attributes },
  inputs: readonly (Value | null)[],
  ranges: RangeOf,
): void {
  graph.replaceNode(node, {
    op: like.op,
    domain: internalDomain,
    name: like.name,
    inputs,
    attributes: like.attributes.with({ ranges: string(ranges) }),
  });
}

export function isDynamicProduct({ domain }: Node): boolean {
  return domain === internalDomain;
}

/** What `replaceByProduct` was told. */
export function rangesOf({ attributes }: Node): RangeOf {
  const ranges = attributes.string('ranges', 'tensor');
  return ranges === 'sample' || ranges === 'vector' ? ranges : 'tensor';
}
