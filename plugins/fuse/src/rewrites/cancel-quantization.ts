import type { Node, Value } from '@espalier/core';
import { bypass } from '../bypass.js';
import { listOf, madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';

/**
 * QuantizeLinear of DequantizeLinear gives the codes back that went in: (s * k) / s is k but for less than
 * a half, for codes k of up to 16 bits. The other way round rounds, and stays.
 */
export const cancelQuantization: Rewrite = {
  name: 'cancel-quantization',
  about: 'DequantizeLinear and QuantizeLinear with the same parameters cancel.',
  ops: ['QuantizeLinear'],
  apply(node, { graph }) {
    const before = madeBy(graph, node.inputs[0], 'DequantizeLinear');
    const codes = before?.inputs[0];
    if (before === null || codes?.type == null || !/^u?int(8|16)$/.test(codes.type.dtype)) return false;
    if (codes.type.dtype !== node.outputs[0]?.type?.dtype || !sameParameters(before, node)) return false;
    return bypass(graph, node, codes);
  },
};

function sameParameters(a: Node, b: Node): boolean {
  const axis = (node: Node): number => node.attributes.int('axis', 1);
  const block = (node: Node): number => node.attributes.int('block_size', 0);
  const isScalar = a.inputs[1]?.type?.dims?.length === 0;
  if (block(a) !== block(b) || (!isScalar && axis(a) !== axis(b))) return false;
  return sameConstant(a.inputs[1], b.inputs[1], 1) && sameConstant(a.inputs[2], b.inputs[2], 0);
}

/** Equal constants; one left out is `fallback` everywhere. */
function sameConstant(a: Value | null | undefined, b: Value | null | undefined, fallback: number): boolean {
  if (a === b) return true;
  const [x, y] = [a == null ? null : listOf(a), b == null ? null : listOf(b)];
  if ((a != null && x === null) || (b != null && y === null)) return false;
  const count = Math.max(x?.length ?? 1, y?.length ?? 1);
  if ((x !== null && x.length !== count) || (y !== null && y.length !== count)) return false;
  return Array.from({ length: count }, (_, i) => i).every(
    (i) => (x?.[i] ?? fallback) === (y?.[i] ?? fallback),
  );
}
