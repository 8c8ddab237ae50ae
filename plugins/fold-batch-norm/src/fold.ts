import { type Graph, type Node, toNumbers, type Value } from '@espalier/core';
import { type ChannelAffine, readNorm } from './channel-affine.js';
import { channelAt } from './channel-map.js';
import { type Layer, layerBefore, readBias, readLayer, replaceOwn, writeBias } from './layer.js';
import { scaleChannels } from './scale-channels.js';

/** What became of a norm: folded, or kept for a reason. `near` tells whether a layer stands beside it. */
export type Outcome =
  | { readonly kind: 'folded' }
  | { readonly kind: 'kept'; readonly why: string; readonly near: boolean };

const folded: Outcome = { kind: 'folded' };

function kept(why: string, near = true): Outcome {
  return { kind: 'kept', why, near };
}

/** Folds a batch normalization into the layer whose result it normalizes. */
export function foldIntoBefore(graph: Graph, norm: Node): Outcome {
  const [input] = norm.inputs;
  const layer = layerBefore(graph, input);
  if (layer === null) return kept('no layer with constant weights stands before it', false);
  const affine = readConstants(norm);
  if (typeof affine === 'string') return kept(affine);
  const shared = sharedResult(graph, layer.output) ?? quantizedBetween(layer.node.outputs[0], layer.output);
  if (shared !== null) return kept(shared);
  if (affine.factor.length !== layer.outputCount)
    return kept('its channels are not those of the layer before it');
  const bias = readBias(layer);
  if (bias === null) return kept('the layer before it has a bias that is computed, or not per channel');
  const weight = scaleChannels(layer.encoding, layer.outputs, affine.factor);
  if (weight === null)
    return kept(`"${layer.weight.name}" is encoded in a way that can't take a factor a channel`);

  replaceOwn(graph, layer.node, 1, weight, layer.weight.name);
  writeBias(
    graph,
    layer,
    bias.map((b, c) => b * (affine.factor[c] ?? 0) + (affine.shift[c] ?? 0)),
  );
  takePlace(graph, norm, layer.output);
  return folded;
}

/** Folds a batch normalization into the layer that reads its result. */
export function foldIntoBehind(graph: Graph, norm: Node): Outcome {
  const [output] = norm.outputs;
  const [input] = norm.inputs;
  const layer = layerBehind(graph, output);
  if (output == null || input == null || layer === null)
    return kept('no layer with constant weights stands behind it', false);
  const affine = readConstants(norm);
  if (typeof affine === 'string') return kept(affine);
  if (graph.uses(output).size !== 1) return kept('its result has other readers');
  const product = layer.bias.kind === 'add' ? layer.node.outputs[0] : null;
  const quantized = quantizedBetween(output, product);
  if (quantized !== null) return kept(quantized);
  if (layer.inputs === null)
    return kept(`${layer.node.op} behind it has no input channels that can be scaled`);
  if (padsWithZeros(layer.node) && affine.shift.some((shift) => shift !== 0)) {
    return kept('the layer behind it pads with zeros, which are not normalized');
  }
  if (affine.factor.length !== inputCount(layer))
    return kept('its channels are not those of the layer behind it');
  const bias = readBias(layer);
  if (bias === null) return kept('the layer behind it has a bias that is computed, or not per channel');
  const weight = scaleChannels(layer.encoding, layer.inputs, affine.factor);
  if (weight === null)
    return kept(`"${layer.weight.name}" is encoded in a way that can't take a factor a channel`);

  const contribution = shiftThrough(layer, affine.shift);
  replaceOwn(graph, layer.node, 1, weight, layer.weight.name);
  if (contribution.some((x) => x !== 0))
    writeBias(
      graph,
      layer,
      bias.map((b, c) => b + (contribution[c] ?? 0)),
    );
  graph.replaceAllUses(output, input);
  graph.remove(norm);
  return folded;
}

/** The norm as factor and shift; a reason where it isn't constant. */
function readConstants(norm: Node): ChannelAffine | string {
  const parameters = norm.inputs.slice(1, 5).map((value) => value?.constant?.decode());
  const known = parameters.filter((tensor) => tensor !== undefined);
  if (known.length !== 4) return 'its parameters are not constant';
  if (norm.attributes.int('training_mode', 0) !== 0) return 'it is in training mode';
  return readNorm(known, norm.attributes) ?? 'its parameters give factors that are not finite';
}

function sharedResult(graph: Graph, value: Value): string | null {
  if (graph.isOutput(value)) return `"${value.name}" before it is an output of the model`;
  return graph.uses(value).size === 1 ? null : `"${value.name}" before it has other readers`;
}

/** A quantized value between norm and layer was rounded: folding would round elsewhere. */
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

/** The layer's result is what the norm's was: its readers, its public name and its quantization. */
function takePlace(graph: Graph, norm: Node, result: Value): void {
  const [output] = norm.outputs;
  if (output == null) return;
  const { type } = output;
  graph.supersede(output, result);
  graph.remove(norm);
  if (type !== null) graph.setType(result, type);
}
