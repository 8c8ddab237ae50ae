import type { Encoding } from '../encoding/encoding.js';
import type { Graph } from '../ir/graph.js';
import type { Node, Value } from '../ir/node.js';
import { toNumbers } from '../tensor/tensor.js';
import { type ChannelMap, channelAt } from './channel-map.js';
import { hasBias, type Layer, layerBefore, readBias, readLayer, replaceOwn, writeBias } from './layer.js';
import { scaleChannels } from './scale-channels.js';

/** y = factor[c] * x + shift[c] for channel c (axis 1), in double; one element serves all channels. */
export interface ChannelAffine {
  readonly factor: Float64Array;
  readonly shift: Float64Array;
}

/** What became of a node: folded, or kept for a reason. `near` tells whether a layer stands beside it. */
export type FoldOutcome =
  | { readonly kind: 'folded' }
  | { readonly kind: 'kept'; readonly why: string; readonly near: boolean };

const folded: FoldOutcome = { kind: 'folded' };

function kept(why: string, near = true): FoldOutcome {
  return { kind: 'kept', why, near };
}

const spreadBias = 'has a bias that is computed, or not per channel';

/**
 * Folds a node into the weights and bias of the Conv, ConvTranspose, Gemm or MatMul before it. Exact but
 * for rounding: the arithmetic is in double, rounded once. Nothing is changed where it is kept.
 *
 * @param node - computes `affine` of `input`, as its first output
 */
export function foldIntoLayerBefore(
  graph: Graph,
  node: Node,
  input: Value | null | undefined,
  affine: ChannelAffine,
): FoldOutcome {
  const layer = layerBefore(graph, input);
  if (layer === null) return kept('no layer with constant weights stands before it', false);
  const blocked = sharedResult(graph, layer.output) ?? quantizedBetween(layer.node.outputs[0], layer.output);
  if (blocked !== null) return kept(blocked);
  const each = forChannels(affine, layer.outputCount);
  if (each === null) return kept('its channels are not those of the layer before it');
  const bias = readBias(layer);
  if (bias === null) return kept(`the layer before it ${spreadBias}`);
  const weight = scaled(layer, layer.outputs, each.factor);
  if (weight === null) return kept(unscalable(layer));

  replaceWeight(graph, layer, weight);
  addBias(
    graph,
    layer,
    bias.map((b, c) => b * (each.factor[c] ?? 0) + (each.shift[c] ?? 0)),
  );
  takePlace(graph, node, layer.output);
  return folded;
}

/**
 * Folds a node into the weights and bias of the Conv, Gemm or MatMul that reads its result. A shift
 * can't go into a convolution that pads: what is padded with zeros is not shifted.
 *
 * @param node - computes `affine` of `input`, as its first output
 */
export function foldIntoLayerBehind(
  graph: Graph,
  node: Node,
  input: Value | null | undefined,
  affine: ChannelAffine,
): FoldOutcome {
  const [output] = node.outputs;
  const layer = layerBehind(graph, output);
  if (output == null || input == null || layer === null)
    return kept('no layer with constant weights stands behind it', false);
  if (graph.uses(output).size !== 1) return kept('its result has other readers');
  const blocked = quantizedBetween(output, layer.bias.kind === 'add' ? layer.node.outputs[0] : null);
  if (blocked !== null) return kept(blocked);
  if (layer.inputs === null)
    return kept(`${layer.node.op} behind it has no input channels that can be scaled`);
  const each = forChannels(affine, inputCount(layer));
  if (each === null) return kept('its channels are not those of the layer behind it');
  if (padsWithZeros(layer.node) && each.shift.some((shift) => shift !== 0))
    return kept('the layer behind it pads with zeros, which it would shift');
  const bias = readBias(layer);
  if (bias === null) return kept(`the layer behind it ${spreadBias}`);
  const weight = scaled(layer, layer.inputs, each.factor);
  if (weight === null) return kept(unscalable(layer));

  // From the weights as they were: the input is shifted behind its factor.
  const contribution = shiftThrough(layer, each.shift);
  replaceWeight(graph, layer, weight);
  addBias(
    graph,
    layer,
    bias.map((b, c) => b + (contribution[c] ?? 0)),
  );
  graph.replaceAllUses(output, input);
  graph.remove(node);
  return folded;
}

/** One factor and shift for each of `count` channels, or null where there are as many as of no layer. */
function forChannels({ factor, shift }: ChannelAffine, count: number): ChannelAffine | null {
  const spread = (values: Float64Array): Float64Array | null => {
    if (values.length === count) return values;
    return values.length === 1 ? new Float64Array(count).fill(values[0] ?? 0) : null;
  };
  const [factors, shifts] = [spread(factor), spread(shift)];
  return factors === null || shifts === null ? null : { factor: factors, shift: shifts };
}

/** null where the encoding can't take the factors; where all are 1 it need not. */
function scaled(layer: Layer, map: ChannelMap, factor: Float64Array): Encoding | null {
  return factor.every((f) => f === 1) ? layer.encoding : scaleChannels(layer.encoding, map, factor);
}

function unscalable({ weight }: Layer): string {
  return `"${weight.name}" is encoded in a way that can't take a factor a channel`;
}

function replaceWeight(graph: Graph, layer: Layer, encoding: Encoding): void {
  if (encoding !== layer.encoding) replaceOwn(graph, layer.node, 1, encoding, layer.weight.name);
}

/** A layer without bias gets one only where it is not zero. */
function addBias(graph: Graph, layer: Layer, bias: Float64Array): void {
  if (hasBias(layer) || bias.some((b) => b !== 0)) writeBias(graph, layer, bias);
}

function sharedResult(graph: Graph, value: Value): string | null {
  if (graph.isOutput(value)) return `"${value.name}" before it is an output of the model`;
  return graph.uses(value).size === 1 ? null : `"${value.name}" before it has other readers`;
}

/** A quantized value beside a layer was rounded: folding would round elsewhere. */
function quantizedBetween(...values: readonly (Value | null | undefined)[]): string | null {
  const between = values.find((value) => value?.type?.quantization !== undefined);
  return between == null ? null : `"${between.name}" beside it is quantized`;
}

/** The layer that reads the value; with the Add behind it, where it has no bias of its own. */
function layerBehind(graph: Graph, value: Value | null | undefined): Layer | null {
  const [reader] = graph.consumers(value);
  if (reader === undefined || reader.inputs[0] !== value) return null;
  const layer = readLayer(reader);
  const [next] = layer === null ? [] : graph.consumers(layer.output);
  const withAdd = next?.op === 'Add' ? layerBefore(graph, next.outputs[0]) : null;
  return withAdd?.node === reader ? withAdd : layer;
}

function padsWithZeros({ attributes }: Node): boolean {
  const same = attributes.string('auto_pad', 'NOTSET').startsWith('SAME');
  return same || (attributes.ints('pads') ?? []).some((pad) => pad !== 0);
}

function inputCount({ inputs }: Layer): number {
  return (inputs?.channelOf.reduce((most, channel) => Math.max(most, channel), -1) ?? -1) + 1;
}

/** What a shift of each input channel adds to each output channel, in double. */
function shiftThrough(layer: Layer, shift: Float64Array): Float64Array {
  const sums = new Float64Array(layer.outputCount);
  const weights = toNumbers(layer.encoding.decode());
  const { inputs, outputs } = layer;
  if (inputs === null) return sums;
  const alpha = layer.node.op === 'Gemm' ? layer.node.attributes.float('alpha', 1) : 1;
  for (let i = 0; i < weights.length; i++) {
    const output = channelAt(outputs, i);
    sums[output] = (sums[output] ?? 0) + alpha * (weights[i] ?? 0) * (shift[channelAt(inputs, i)] ?? 0);
  }
  return sums;
}

/** The layer's result is what the node's was: its readers, its name and its quantization. */
function takePlace(graph: Graph, node: Node, result: Value): void {
  const [output] = node.outputs;
  if (output == null) return;
  const { name, type } = output;
  graph.supersede(output, result);
  graph.remove(node);
  // A name stands for the same activation in every model of a run: drift is told by it.
  graph.rename(result, name);
  if (type !== null) graph.setType(result, type);
}
