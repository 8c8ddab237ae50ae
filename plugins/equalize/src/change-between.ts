import {
  type ChannelAffine,
  foldIntoLayerBefore,
  foldIntoLayerBehind,
  type Graph,
  type Node,
  type Value,
} from '@espalier/core';
import type { Pair } from './pairs.js';

/** Channels between two layers as they are from now on: what they were, divided by the factor, less the shift. */
export interface Change {
  /** Positive, one a channel. */
  readonly factor: Float64Array;
  readonly shift: Float64Array;
}

/**
 * Changes the channels that the layer before computes, and has the layer behind undo it. The values between are other
 * activations then, and get other names.
 *
 * @returns false, and all is as it was, where the weights or biases of one of them can't take it
 */
export function changeBetween(
  graph: Graph,
  { before, behind, between }: Pair,
  { factor, shift }: Change,
): boolean {
  // Behind: factor * (x + shift) is what there was. Back again: x / factor - shift.
  const undo = { factor, shift: shift.map((s, c) => s * (factor[c] as number)) }; // as many channels in both
  const redo = { factor: factor.map((f) => 1 / f), shift: shift.map((s) => -s) };
  if (!putBehind(graph, behind.node, undo)) return false;
  const names = between.map(({ name }) => name);
  if (putBefore(graph, before.output, redo)) {
    for (const [i, value] of between.entries()) rename(graph, value, names[i] ?? '');
    return true;
  }
  putBehind(graph, behind.node, redo);
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

function putBehind(graph: Graph, node: Node, affine: ChannelAffine): boolean {
  const entrance = node.inputs[0];
  if (entrance == null) return false;
  const scaled = graph.insertBefore(node, 0, { op: 'Identity' }, entrance.type);
  const stand = graph.producer(scaled);
  if (stand === undefined) return false;
  if (foldIntoLayerBehind(graph, stand, entrance, affine).kind === 'folded') return true;
  graph.replaceAllUses(scaled, entrance);
  graph.remove(stand);
  return false;
}

function putBefore(graph: Graph, value: Value, affine: ChannelAffine): boolean {
  const scaled = graph.insertAfter(value, { op: 'Identity' });
  const stand = graph.producer(scaled);
  if (stand === undefined) return false;
  if (foldIntoLayerBefore(graph, stand, value, affine).kind === 'folded') return true;
  graph.replaceAllUses(scaled, value);
  graph.remove(stand);
  return false;
}
