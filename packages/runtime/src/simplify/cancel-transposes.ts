import { type Graph, type Node, sameQuantization } from '@espalier/core';
import { soleProducer } from './producer.js';

/** Takes out a transpose of a transpose that puts the axes back. */
export function cancelTransposes(graph: Graph, node: Node): boolean {
  const first = soleProducer(graph, node.inputs[0], 'Transpose');
  const [source, output] = [first?.inputs[0], node.outputs[0]];
  if (first === null || source == null || output == null) return false;
  const [before, after] = [orderOf(first), orderOf(node)];
  if (before === null || after === null || before.length !== after.length) return false;
  if (after.some((axis, i) => before[axis] !== i)) return false;
  // An output of the model has a name of its own, and a value on another grid is rounded.
  if (graph.isOutput(output) || !sameQuantization(output.type?.quantization, source.type?.quantization))
    return false;
  graph.supersede(output, source);
  graph.remove(node);
  return true;
}

/** Where each axis comes from; by default they are reversed. */
function orderOf({ attributes, inputs }: Node): readonly number[] | null {
  const rank = inputs[0]?.type?.dims?.length;
  const reversed = rank === undefined ? null : Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return attributes.ints('perm') ?? reversed;
}
