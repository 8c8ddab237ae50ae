import { foldIntoLayerBefore, type Graph, type Node, readBatchNorm } from '@espalier/core';

/** Puts a batch normalization into the weights and bias of the Conv, ConvTranspose, Gemm or MatMul before it. */
export function foldNorm(graph: Graph, norm: Node): boolean {
  const usesStatistics = norm.outputs.slice(1).some((output) => graph.uses(output).size > 0);
  const affine = readBatchNorm(norm);
  if (usesStatistics || typeof affine === 'string') return false;
  return foldIntoLayerBefore(graph, norm, norm.inputs[0], affine).kind === 'folded';
}
