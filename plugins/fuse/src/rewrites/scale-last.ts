import { foldIntoLayerBehind, type Graph, type Node, tensorOf, type Value } from '@espalier/core';
import { madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';
import { readAffine } from './fold-into-layer.js';

/**
 * x * s + t is (x + t / s) * s, and the factor can go where the shift can't: into a convolution that
 * pads, since zeros times s are zeros.
 */
export const scaleLast: Rewrite = {
  name: 'scale-last',
  about: 'x * s + t before a convolution that pads becomes x + t / s; its weights take the s.',
  ops: ['Add', 'Sub'],
  apply(node, { graph }) {
    const shifted = readAffine(node);
    const inner = shifted === null ? null : madeBy(graph, shifted.input, 'Mul', 'Div');
    const scaled = inner === null ? null : readAffine(inner);
    if (shifted === null || scaled === null || graph.uses(shifted.input).size !== 1) return false;
    const { factor } = scaled.affine;
    // Where the operand was on the left of Sub the factor is -1, not 1.
    if (shifted.affine.factor.some((f) => f !== 1) || factor.some((f) => f === 0)) return false;
    const quotients = divide(shifted.affine.shift, factor);
    if (quotients === null || !quotients.every(Number.isFinite)) return false;
    return replace(graph, node, scaled.input, quotients, factor);
  },
};

/** Element by element; one element serves all. */
function divide(a: Float64Array, b: Float64Array): Float64Array | null {
  const count = Math.max(a.length, b.length);
  if ((a.length !== count && a.length !== 1) || (b.length !== count && b.length !== 1)) return null;
  const at = (values: Float64Array, i: number): number => values[values.length === 1 ? 0 : i] ?? Number.NaN;
  return Float64Array.from({ length: count }, (_, i) => at(a, i) / at(b, i));
}

function replace(graph: Graph, node: Node, x: Value, shift: Float64Array, factor: Float64Array): boolean {
  const type = node.outputs[0]?.type;
  if (type?.dims == null) return false;
  const trailing = shift.length === 1 ? [] : new Array<number>(type.dims.length - 2).fill(1);
  const constant = graph.constant(
    tensorOf(type.dtype, shift, [shift.length, ...trailing]),
    `${node.name}_shift`,
  );
  const sum = graph.apply(
    { op: 'Add', name: node.name, inputs: [x, constant] },
    `${node.name}_shifted`,
    type,
  );
  const outcome = foldIntoLayerBehind(graph, node, sum, { factor, shift: Float64Array.of(0) });
  if (outcome.kind === 'folded') return true;
  const unused = graph.producer(sum);
  if (unused !== undefined) graph.remove(unused);
  return false;
}
