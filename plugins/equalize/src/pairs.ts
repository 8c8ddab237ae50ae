import {
  type ChannelMap,
  type Graph,
  type Layer,
  type Node,
  readBias,
  readLayer,
  scaleChannels,
  toFloat32,
  type Value,
} from '@espalier/core';

/** Two layers with nothing between them that a positive factor of a channel would not go through. */
export interface Pair {
  readonly before: Layer;
  readonly behind: Layer;
  /** The result of the one, what is made of it, and the input of the other. */
  readonly between: readonly Value[];
  /** The Relu6 between them, or another Clip from 0, where one may be there. */
  readonly clip: UpperClip | null;
  /** Whether what the other reads is never negative. */
  readonly isRectified: boolean;
  /** Whether a shift of a channel that is never negative goes through: nothing pads with zeros that would have to be shifted too. */
  readonly takesShift: boolean;
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

function pairFrom(graph: Graph, node: Node, pastClips: boolean): Pair | null {
  const before = readLayer(node);
  if (before === null || before.bias.kind !== 'input') return null;
  let value: Value = before.output;
  const between = [value];
  let clip: UpperClip | null = null;
  let isRectified = false;
  let takesShift = true;
  for (;;) {
    const [use, ...others] = graph.uses(value);
    const isQuantized = value.type?.quantization !== undefined;
    if (isQuantized || use?.kind !== 'input' || others.length > 0 || use.index !== 0) return null;
    const behind = readLayer(use.node);
    if (behind !== null) {
      if (!fits(before, behind)) return null;
      return { before, behind, between, clip, isRectified, takesShift: takesShift && !pads(behind.node) };
    }
    const [output, ...more] = use.node.outputs;
    if (use.node.domain !== '') return null;
    if (!homogeneous.has(use.node.op)) {
      if (!pastClips || clip !== null) return null;
      clip = readUpperClip(use.node);
      if (clip === null) return null;
    }
    isRectified ||= use.node.op === 'Relu' || use.node.op === 'Clip';
    if (use.node.op === 'AveragePool' && pads(use.node)) takesShift = false;
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

function pads({ attributes }: Node): boolean {
  const same = attributes.string('auto_pad', 'NOTSET').startsWith('SAME');
  return same || (attributes.ints('pads') ?? []).some((pad) => pad !== 0);
}

/** Whether the channels that the one computes are those the other reads, and both can take factors. */
function fits(before: Layer, behind: Layer): boolean {
  const { inputs, node } = behind;
  if (inputs === null || node === before.node) return false;
  const channels = inputs.channelOf.reduce((most, channel) => Math.max(most, channel), -1) + 1;
  return (
    channels === before.outputCount &&
    readBias(before) !== null &&
    readBias(behind) !== null &&
    takesFactors(before, before.outputs, channels) &&
    takesFactors(behind, inputs, channels)
  );
}

/** Whether the weights' encoding has place for a factor a channel: one codebook for all channels has not. */
function takesFactors({ encoding }: Layer, map: ChannelMap, channels: number): boolean {
  return scaleChannels(encoding, map, new Float64Array(channels).fill(1)) !== null;
}
