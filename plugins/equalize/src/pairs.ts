import {
  foldIntoLayerBefore,
  foldIntoLayerBehind,
  type Graph,
  type Layer,
  type Node,
  readLayer,
  toFloat32,
  type Value,
} from '@espalier/core';
import { channelRanges } from './channel-ranges.js';

/** Two layers with nothing between them that a positive factor of a channel would not go through. */
export interface Pair {
  readonly before: Layer;
  readonly behind: Layer;
  /** The result of the one, what is made of it, and the input of the other. */
  readonly between: readonly Value[];
  /** The Relu6 between them, or another Clip from 0, where one may be there. */
  readonly clip: UpperClip | null;
}

/** A Clip from 0 to a bound. */
export interface UpperClip {
  readonly node: Node;
  readonly high: number;
}

/** Operators that a positive factor goes through. Relu6 is none: its bound would have to be scaled too. */
const homogeneous: ReadonlySet<string> = new Set([
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Identity',
  'LeakyRelu',
  'MaxPool',
  'Relu',
]);

/**
 * All pairs, in order of execution.
 *
 * @param pastClips - whether one Clip from 0 may stand between two layers
 */
export function findPairs(graph: Graph, pastClips: boolean): readonly Pair[] {
  return graph.nodes.flatMap((node) => pairFrom(graph, node, pastClips) ?? []);
}

/** The pair whose first layer has the weight of this name, or null. */
export function pairOf(graph: Graph, weight: string, pastClips: boolean): Pair | null {
  for (const use of graph.uses(graph.value(weight))) {
    const pair = use.kind === 'input' ? pairFrom(graph, use.node, pastClips) : null;
    if (pair?.before.weight.name === weight) return pair;
  }
  return null;
}

function pairFrom(graph: Graph, node: Node, pastClips: boolean): Pair | null {
  const before = readLayer(node);
  if (before === null || before.bias.kind !== 'input') return null;
  let value: Value = before.output;
  const between = [value];
  let clip: UpperClip | null = null;
  for (;;) {
    const [use, ...others] = graph.uses(value);
    const isQuantized = value.type?.quantization !== undefined;
    if (isQuantized || use?.kind !== 'input' || others.length > 0 || use.index !== 0) return null;
    const behind = readLayer(use.node);
    if (behind !== null) return fits(before, behind) ? { before, behind, between, clip } : null;
    const [output, ...more] = use.node.outputs;
    if (use.node.domain !== '') return null;
    if (!homogeneous.has(use.node.op)) {
      if (!pastClips || clip !== null) return null;
      clip = readUpperClip(use.node);
      if (clip === null) return null;
    }
    if (output == null || more.some((other) => other !== null)) return null;
    value = output;
    between.push(value);
  }
}

/** A Clip whose constants are 0 and a bound above. */
function readUpperClip(node: Node): UpperClip | null {
  if (node.op !== 'Clip') return null;
  const [, low, high] = node.inputs.map((value) =>
    value?.constant == null ? undefined : toFloat32(value.constant.decode())[0],
  );
  return low === 0 && high !== undefined && high > 0 && high < Infinity ? { node, high } : null;
}

/** Whether the channels that the one computes are those the other reads. */
function fits(before: Layer, { inputs, node }: Layer): boolean {
  const channels = inputs?.channelOf.reduce((most, channel) => Math.max(most, channel), -1) ?? -1;
  return channels + 1 === before.outputCount && node !== before.node;
}

/** The ranges of the weights on both sides, one a channel. */
export function rangesOf({ before, behind }: Pair): {
  readonly before: Float64Array;
  readonly behind: Float64Array;
} {
  const count = before.outputCount;
  const { inputs } = behind;
  return {
    before: channelRanges(toFloat32(before.encoding.decode()), before.outputs, count),
    behind:
      inputs === null
        ? new Float64Array(count)
        : channelRanges(toFloat32(behind.encoding.decode()), inputs, count),
  };
}

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
