import type { Value } from '@espalier/core';
import { bothOrders, madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';

export const matMulAdd: Rewrite = {
  name: 'matmul-add',
  about: 'MatMul of two matrices and an Add of a constant row become Gemm.',
  ops: ['Add'],
  apply(node, { graph }) {
    for (const [bias, product] of bothOrders(node)) {
      const matMul = madeBy(graph, product, 'MatMul');
      const [a, b] = matMul?.inputs ?? [];
      // Another reader would keep the MatMul, and the product be computed twice.
      if (a == null || b == null || graph.uses(product).size !== 1) continue;
      if (!isMatrix(a) || !isMatrix(b) || !isRow(bias, b)) continue;
      graph.replaceNode(node, { op: 'Gemm', inputs: [a, b, bias] });
      return true;
    }
    return false;
  },
};

function isMatrix({ type }: Value): boolean {
  return type?.dims?.length === 2 && type.dtype.startsWith('float');
}

/** [n] or [1, n]: what every row of the product gets. */
function isRow(bias: Value, b: Value): boolean {
  const dims = bias.constant?.dims;
  if (dims === undefined || dims.length === 0 || dims.length > 2) return false;
  return dims.at(-1) === b.type?.dims?.[1] && (dims.length === 1 || dims[0] === 1);
}
