import type { Graph } from '@espalier/core';

/** Operators that stand in a file together where there may be something to simplify. */
const signs: readonly (readonly string[])[] = [
  ['BatchNormalization'],
  ['Pad', 'Conv'],
  ['Clip', 'Mul'],
  ['Transpose', 'Transpose'],
];

/**
 * Whether there may be something to simplify: what does it is loaded only then. A file that has been compressed has
 * little of this.
 */
export function isWorthSimplifying(graph: Graph): boolean {
  return signs.some((ops) =>
    ops.every((op) => graph.nodesOf(op).length >= ops.filter((other) => other === op).length),
  );
}
