import { Attributes, ints, type Node } from '@espalier/core';
import { bypass } from '../bypass.js';
import { listOf, madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';

/** Where each axis comes from; by default the axes are reversed. */
function orderOf(node: Node): readonly number[] | null {
  const rank = node.inputs[0]?.type?.dims?.length ?? node.outputs[0]?.type?.dims?.length;
  const given = node.attributes.ints('perm');
  if (given !== undefined) return given;
  return rank === undefined ? null : Array.from({ length: rank }, (_, i) => rank - 1 - i);
}

export const mergeTransposes: Rewrite = {
  name: 'merge-transposes',
  about: 'Two transposes in a row become one, or none where they cancel.',
  ops: ['Transpose'],
  apply(node, { graph }) {
    const first = madeBy(graph, node.inputs[0], 'Transpose');
    const [before, after] = [first === null ? null : orderOf(first), orderOf(node)];
    const source = first?.inputs[0];
    if (source == null || before === null || after === null || before.length !== after.length) return false;
    const order = after.map((axis) => before[axis] ?? axis);
    if (order.every((axis, i) => axis === i) && bypass(graph, node, source)) return true;
    graph.replaceNode(node, {
      op: 'Transpose',
      inputs: [source],
      attributes: new Attributes({ perm: ints(order) }),
    });
    return true;
  },
};

export const mergeReshapes: Rewrite = {
  name: 'merge-reshapes',
  about: 'A reshape of what was only reshaped before reads the original.',
  ops: ['Reshape'],
  apply(node, { graph }) {
    const first = madeBy(graph, node.inputs[0], 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze');
    const target = listOf(node.inputs[1]);
    const source = first?.inputs[0];
    if (source == null || target === null) return false;
    // A 0 copies a dim of the input: of another one, after this.
    if (target.includes(0)) return false;
    graph.setInput(node, 0, source);
    return true;
  },
};
