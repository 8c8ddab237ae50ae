import { forOp, type Graph, type Model, type PerOp, type Value } from '@espalier/core';

/** Operators that only move what they read. */
const moves = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity', 'Dropout']);

/**
 * The dropout of each value that a layer with weights reads, by its name; the model's inputs are never dropped.
 *
 * A layer that has lost connections overfits less, so its share falls with the root of the share of connections
 * that are kept: Dr = Do sqrt(Cir / Cio), Han et al. 2015 (arXiv:1506.02626), section 3.2.
 *
 * @param setting - share dropped of what a layer reads, by weight's name or operator
 * @param densityOf - share of the weights that is kept in the end
 */
export function dropoutOf(
  model: Model,
  setting: PerOp<number>,
  densityOf: (weight: string) => number,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const weight of model.weights()) {
    const share = forOp(setting, 0, weight);
    const input = weight.node.inputs.find((value) => value !== null && value.constant === null);
    if (share === 0 || input == null || isInput(model.graph, input)) continue;
    found[input.name] = Math.max(found[input.name] ?? 0, share * Math.sqrt(densityOf(weight.name)));
  }
  return found;
}

/** Whether a value is an input of the model, but for its shape. */
function isInput(graph: Graph, value: Value): boolean {
  const producer = graph.producer(value);
  if (producer === undefined) return true;
  const source = producer.inputs[0];
  return moves.has(producer.op) && source != null && isInput(graph, source);
}
