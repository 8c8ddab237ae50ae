import { foldIntoLayerBefore, foldIntoLayerBehind, type Graph, type Node, type Value } from '@espalier/core';
import type { Pair } from './pairs.js';

/**
 * Divides the channels of the layer before by factors, and multiplies those of the layer behind. The values between are other
 * activations then, and get other names.
 *
 * @returns false, and all is as it was, where the weights of one of them can't take factors
 */
export function scaleBetween(
  graph: Graph,
  { before, behind, between }: Pair,
  factors: Float64Array,
): boolean {
  const inverse = factors.map((factor) => 1 / factor);
  if (!multiplyBehind(graph, behind.node, factors)) return false;
  const names = between.map(({ name }) => name);
  if (multiplyBefore(graph, before.output, inverse)) {
    for (const [i, value] of between.entries()) rename(graph, value, names[i] ?? '');
    return true;
  }
  multiplyBehind(graph, behind.node, inverse);
  return false;
}

const suffix = '_equalized';

/** A name stands for one activation: that of what was is not used again. */
function rename(graph: Graph, value: Value, before: string): void {
  const wanted = before.endsWith(suffix) ? before : `${before}${suffix}`;
  let name = wanted;
  for (let i = 1; graph.value(name) !== undefined && graph.value(name) !== value; i++)
    name = `${wanted}_${i}`;
  graph.rename(value, name);
}

function multiplyBehind(graph: Graph, node: Node, factor: Float64Array): boolean {
  const entrance = node.inputs[0];
  if (entrance == null) return false;
  const scaled = graph.insertBefore(node, 0, { op: 'Identity' }, entrance.type);
  const stand = graph.producer(scaled);
  if (stand === undefined) return false;
  const shift = new Float64Array(factor.length);
  if (foldIntoLayerBehind(graph, stand, entrance, { factor, shift }).kind === 'folded') return true;
  graph.replaceAllUses(scaled, entrance);
  graph.remove(stand);
  return false;
}

function multiplyBefore(graph: Graph, value: Value, factor: Float64Array): boolean {
  const scaled = graph.insertAfter(value, { op: 'Identity' });
  const stand = graph.producer(scaled);
  if (stand === undefined) return false;
  const shift = new Float64Array(factor.length);
  if (foldIntoLayerBefore(graph, stand, value, { factor, shift }).kind === 'folded') return true;
  graph.replaceAllUses(scaled, value);
  graph.remove(stand);
  return false;
}
