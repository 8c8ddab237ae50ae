import { AffineEncoding, type Graph, isDynamicRange, type Node, type Quantization } from '@espalier/core';

/** Whether 0 is in the middle of the codes, where kernels of TensorFlow Lite take that of weights to be. */
export function isSymmetric({ storageType, zeroPoint }: Quantization): boolean {
  const middle = storageType === 'uint8' ? 128 : 0;
  return zeroPoint.every((zero) => zero === middle);
}

/** Products, and the axis of their weights along which scales may differ. */
export function outputAxis({ op, domain, attributes }: Node): number | null {
  if (domain !== '') return null;
  if (op === 'Conv') return 0;
  if (op === 'ConvTranspose') return 1;
  if (op === 'Gemm') return attributes.int('transB', 0) === 1 ? 0 : 1;
  return op === 'MatMul' ? 1 : null;
}

/**
 * Whether a product takes its activation in codes of their own range, which a file says by int8 weights beside reals: LiteRT
 * finds the range when it runs.
 */
export function isHybrid(graph: Graph, node: Node): boolean {
  const source = graph.producer(node.inputs[0]);
  return source !== undefined && isDynamicRange(source) && canBeHybrid(node);
}

/** Whether it would be hybrid if its activation were rounded so. */
export function canBeHybrid(node: Node): boolean {
  const axis = outputAxis(node);
  const weights = node.inputs[1]?.constant;
  if (axis === null || !(weights instanceof AffineEncoding)) return false;
  const { quantization: grid } = weights;
  return isSymmetric(grid) && (grid.axis === null || grid.axis === axis);
}
