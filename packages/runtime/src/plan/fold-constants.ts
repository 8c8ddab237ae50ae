import { type Model, type Node, staticDims, type Tensor } from '@espalier/core';
import { operatorOf } from '../operators/lookup.js';
import { evaluateNode } from './evaluate.js';

/** Results beyond this many elements are computed when they are needed: hostile files ask for any size. */
const largestResult = 2 ** 26;

/** Operators whose results differ from run to run. */
export const randomOperators: ReadonlySet<string> = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/**
 * Computes, in place, what depends on constants alone. Kernels then find weights that exporters make in the
 * graph (ConstantOfShape, Transpose or Cast of a weight) constant. Types must have been inferred.
 */
export function foldConstants({ graph }: Model): void {
  for (const node of graph.nodes) {
    if (!isFoldable(node)) continue;
    const inputs = node.inputs.map((value): Tensor | null => value?.constant?.decode() ?? null);
    const results = evaluateNode(node, operatorOf(node), inputs);
    if (results === null || node.outputs.some((value, i) => value !== null && results[i] == null)) continue;
    for (const [index, value] of node.outputs.entries()) {
      const result = results[index];
      if (value === null || result == null) continue;
      graph.supersede(value, graph.constant(result, value.name));
    }
    graph.remove(node);
  }
  graph.removeDead();
}

function isFoldable(node: Node): boolean {
  if (node.domain !== '' || randomOperators.has(node.op)) return false;
  if (node.inputs.some((value) => value !== null && value.constant === null)) return false;
  // A quantized value stays one: as a constant it would lose its grid.
  return node.outputs.every((value) => {
    if (value === null) return true;
    const dims = staticDims(value.type);
    return (
      value.type?.quantization === undefined &&
      dims !== null &&
      dims.reduce((a, b) => a * b, 1) <= largestResult
    );
  });
}
