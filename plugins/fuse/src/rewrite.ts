import type { Graph, Node, Tensor, Value } from '@espalier/core';

/** What a rewrite may look at and change. */
export interface RewriteContext {
  readonly graph: Graph;
  /** Elements of a small tensor of rank 0 or 1: numbers, or names of sizes. Null where unknown. */
  contents(value: Value): readonly (number | string)[] | null;
  /** Computes a node over constants; null where nothing here can. */
  evaluate(node: Node, inputs: readonly (Tensor | null)[]): readonly (Tensor | null)[] | null;
  /** Bytes by which folding one node may make the file larger. */
  readonly maxGrowthBytes: number;
}

/** One simplification: it looks at a node, and replaces it and what leads to it by something simpler. */
export interface Rewrite {
  readonly name: string;
  /** One sentence: what becomes what. */
  readonly about: string;
  /** The operators it looks at; null for all. */
  readonly ops: readonly string[] | null;
  /** Returns whether it changed the graph. Outputs stay the same, but for rounding. */
  apply(node: Node, context: RewriteContext): boolean;
}
