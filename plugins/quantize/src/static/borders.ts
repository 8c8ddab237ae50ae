import type { Graph, Node, Quantization, Value } from '@espalier/core';
import type { TypeOf } from './operators.js';
import type { Selected } from './selection.js';

/**
 * Puts a step between codes and reals wherever a node that computes with reals reads or makes a value on a grid. ONNX
 * means such steps where it has none; by a rule of TensorFlow Lite an operator on codes is another operator, and a file
 * has DEQUANTIZE and QUANTIZE there.
 *
 * @param grids - of the values that get one; changed where a value stays real and a new one behind it gets its grid
 */
export function drawBorders(
  graph: Graph,
  selected: readonly Selected[],
  grids: Map<Value, Quantization>,
  typeOf: TypeOf,
): void {
  const integer = integerNodes(graph, selected);
  const realOf = new Map<Value, Value>();
  const reals = (value: Value, name: string): Value =>
    graph.addValue(name, { dtype: 'float32', dims: typeOf(value)?.dims ?? null });
  // The list changes while it is walked.
  for (const node of [...graph.nodes]) {
    if (integer.has(node)) continue;
    for (const [index, value] of node.inputs.entries()) {
      if (value === null || !grids.has(value) || !isInteger(graph.producer(value), integer)) continue;
      let real = realOf.get(value);
      if (real === undefined) {
        real = reals(value, `${value.name}_reals`);
        graph.addNode({ op: 'Identity', inputs: [value], outputs: [real] });
        realOf.set(value, real);
      }
      graph.setInput(node, index, real);
    }
    for (const value of node.outputs) {
      const grid = value === null ? undefined : grids.get(value);
      if (value === null || grid === undefined) continue;
      const codes = reals(value, `${value.name}_codes`);
      for (const use of [...graph.uses(value)])
        if (use.kind === 'input' && integer.has(use.node)) graph.setInput(use.node, use.index, codes);
      graph.addNode({ op: 'Identity', inputs: [value], outputs: [codes] });
      grids.delete(value);
      grids.set(codes, grid);
    }
  }
}

/** Those that are selected, the clamps that are computed with them, and steps from grid to grid. */
function integerNodes(graph: Graph, selected: readonly Selected[]): ReadonlySet<Node> {
  const nodes = new Set<Node>(graph.nodesOf('Identity'));
  for (const { node, results } of selected) {
    nodes.add(node);
    const last = graph.producer(results[0]);
    if (last !== undefined) nodes.add(last);
  }
  return nodes;
}

/** What the model is given is on its grid too. */
function isInteger(producer: Node | undefined, integer: ReadonlySet<Node>): boolean {
  return producer === undefined || integer.has(producer);
}
