import { isBigInt, type Node, staticDims, tensorOf, unknownDim } from '@espalier/core';
import type { Rewrite, RewriteContext } from '../rewrite.js';

/** Operators whose results are already as simple as can be. */
function isIntegerResult(node: Node): boolean {
  const type = node.outputs[0]?.type;
  return type != null && (isBigInt(type.dtype) || type.dtype === 'int32');
}

export const settleShapes: Rewrite = {
  name: 'settle-shapes',
  about: 'Shapes that are computed in the graph, but known all the same, become constants.',
  ops: null,
  apply(node, { graph, contents }) {
    const [output] = node.outputs;
    if (output == null || node.outputs.length > 1 || !isIntegerResult(node) || graph.isOutput(output))
      return false;
    const dims = staticDims(output.type);
    const elements = contents(output);
    if (dims === null || elements === null || !elements.every((x) => Number.isSafeInteger(x))) return false;
    const tensor = tensorOf(output.type?.dtype ?? 'int64', elements as number[], dims); // integers: checked above
    const { name } = output;
    const value = graph.constant(tensor, `${name}_settled`);
    graph.replaceAllUses(output, value);
    graph.remove(node);
    graph.rename(value, name);
    return true;
  },
};

export const settleReshapes: Rewrite = {
  name: 'settle-reshapes',
  about: 'A reshape to a computed shape with one open size gets a constant shape, 0 and -1 for what is open.',
  ops: ['Reshape'],
  apply(node, context) {
    const [input, target] = node.inputs;
    if (input == null || target == null || target.constant !== null) return false;
    const shape = constantTarget(node, context);
    if (shape === null) return false;
    const constant = context.graph.constant(tensorOf('int64', shape), `${target.name}_settled`);
    context.graph.setInput(node, 1, constant);
    return true;
  },
};

/** The target as numbers: 0 copies the input's dim of that place, -1 is what is left. */
function constantTarget(node: Node, { contents }: RewriteContext): readonly number[] | null {
  const [input, target] = node.inputs;
  const elements = target == null ? null : contents(target);
  // With allowzero a 0 is an empty dim.
  if (elements === null || node.attributes.int('allowzero', 0) !== 0) return null;
  const dims = input?.type?.dims ?? [];
  let open = elements.includes(-1) ? 0 : 1;
  const shape = elements.map((element, i) => {
    if (typeof element === 'number') return element;
    if (element !== unknownDim && element === dims[i]) return 0;
    return open-- > 0 ? -1 : null;
  });
  return shape.every((size) => size !== null) ? shape : null;
}
