import { type Graph, type Node, sameQuantization, type Value } from '@espalier/core';

/**
 * Takes a node out that hands on what it is given.
 *
 * @returns false, with nothing changed, where it is needed: it gives a model output its name, or it
 * rounds to another quantization
 */
export function bypass(graph: Graph, node: Node, input: Value | null | undefined = node.inputs[0]): boolean {
  const [output] = node.outputs;
  if (output == null || input == null) return false;
  const namesAnOutput =
    graph.isOutput(output) && (graph.isOutput(input) || graph.isInput(input) || input.constant !== null);
  if (namesAnOutput || !sameQuantization(output.type?.quantization, input.type?.quantization)) return false;
  graph.supersede(output, input);
  graph.remove(node);
  return true;
}
