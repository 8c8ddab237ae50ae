import type { Graph, Node, Value } from '@espalier/core';
import { numberIn, soleProducer } from './producer.js';

/**
 * x * Clip(x + 3, 0, 6) / 6, as exporters without HardSwish spell it: PaddleOCR, and PyTorch before opset 14. The sixth
 * may be a Div or a Mul, of the product or of the Clip.
 *
 * @see ONNX HardSwish, opset 22: x * max(0, min(1, x / 6 + 0.5))
 */
export function recognizeHardSwish(graph: Graph, node: Node): boolean {
  const x = ofProduct(graph, node) ?? ofSixth(graph, node);
  const output = node.outputs[0];
  if (x === null || output == null || !haveOneShape(x, output)) return false;
  graph.replaceNode(node, { op: 'HardSwish', inputs: [x] });
  return true;
}

/** x where the node is (x * clip) / 6. */
function ofSixth(graph: Graph, node: Node): Value | null {
  const product = soleProducer(graph, sixthOf(node), 'Mul');
  return product === null ? null : factors(product, (value) => clipped(graph, value));
}

/** x where the node is x * (clip / 6). */
function ofProduct(graph: Graph, node: Node): Value | null {
  if (node.op !== 'Mul') return null;
  return factors(node, (value) => {
    const sixth = soleProducer(graph, value, 'Div', 'Mul');
    return sixth === null ? null : clipped(graph, sixthOf(sixth));
  });
}

/** The one factor of a product that `find` finds in the other. */
function factors(
  { inputs: [a, b] }: Node,
  find: (value: Value | null | undefined) => Value | null,
): Value | null {
  if (a == null || b == null) return null;
  if (find(b) === a) return a;
  return find(a) === b ? b : null;
}

/** v where the node is v / 6; null for any other. */
function sixthOf({ op, inputs: [a, b] }: Node): Value | null {
  const [left, right] = [numberIn(a), numberIn(b)];
  if (a == null || b == null) return null;
  if (op === 'Div') return right === 6 ? a : null;
  const isSixth = (number: number | null): boolean => number !== null && Math.abs(number * 6 - 1) < 1e-6;
  if (isSixth(right)) return a;
  return isSixth(left) ? b : null;
}

/** x where the value is Clip(x + 3, 0, 6). */
function clipped(graph: Graph, value: Value | null | undefined): Value | null {
  const clip = soleProducer(graph, value, 'Clip');
  if (clip === null || numberIn(clip.inputs[1]) !== 0 || numberIn(clip.inputs[2]) !== 6) return null;
  const add = soleProducer(graph, clip.inputs[0], 'Add');
  const [a, b] = add?.inputs ?? [];
  if (a != null && numberIn(b) === 3) return a;
  return b != null && numberIn(a) === 3 ? b : null;
}

/** Whether no constant between them has added axes. */
function haveOneShape({ type: x }: Value, { type: y }: Value): boolean {
  return (
    x?.dims != null && x.dtype === 'float32' && y?.dtype === 'float32' && y.dims?.length === x.dims.length
  );
}
