import { dense } from '../encoding/dense.js';
import type { Encoding } from '../encoding/encoding.js';
import type { Graph } from '../ir/graph.js';
import type { Node, Value } from '../ir/node.js';
import { type Tensor, tensorOf, toNumbers } from '../tensor/tensor.js';
import { alongAxis, type ChannelMap, convInputs, convTransposeOutputs } from './channel-map.js';

/** Where the bias of a layer is: an input of its node, an Add behind it, or nowhere yet. */
export type BiasPlace =
  | { readonly kind: 'input'; readonly node: Node; readonly factor: number }
  | { readonly kind: 'add'; readonly node: Node; readonly index: number }
  | { readonly kind: 'none' };

/** A node that multiplies its input with constant weights, as folding sees it. */
export interface Layer {
  readonly node: Node;
  /** The value the layer ends with: behind its bias. */
  readonly output: Value;
  readonly weight: Value;
  readonly encoding: Encoding;
  readonly outputs: ChannelMap;
  readonly outputCount: number;
  /** null where scaling input channels is not the same as scaling weights. */
  readonly inputs: ChannelMap | null;
  readonly bias: BiasPlace;
}

const biasIndex = 2;

/** The layer that a node is, without the Add behind it; null where its weights are not constant. */
export function readLayer(node: Node): Layer | null {
  const [, weight] = node.inputs;
  const [output] = node.outputs;
  const read = node.domain === '' && Object.hasOwn(readers, node.op) ? readers[node.op] : undefined;
  if (read === undefined || weight?.constant == null || output == null) return null;
  const { constant: encoding } = weight;
  const channels = read(node, encoding.dims);
  return channels === null ? null : { node, output, weight, encoding, ...channels };
}

/** The layer whose result the value is, with an Add of a constant in between as its bias. */
export function layerBefore(graph: Graph, value: Value | null | undefined): Layer | null {
  const producer = graph.producer(value);
  if (producer === undefined || value == null) return null;
  if (producer.op !== 'Add' || producer.domain !== '') return readLayer(producer);
  const index = producer.inputs.findIndex((input) => input?.constant != null);
  const sum = producer.inputs[1 - index];
  const product = graph.producer(sum);
  const layer = product === undefined || index < 0 ? null : readLayer(product);
  // A bias of its own and another one added: left to be folded into one first.
  if (layer === null || layer.node.inputs[biasIndex] != null) return null;
  if (graph.uses(sum).size !== 1) return null;
  return { ...layer, output: value, bias: { kind: 'add', node: producer, index } };
}

type Channels = Pick<Layer, 'outputs' | 'outputCount' | 'inputs' | 'bias'>;

const readers: Readonly<Record<string, (node: Node, dims: readonly number[]) => Channels | null>> = {
  Conv(node, dims) {
    const inputs = convInputs(dims, node.attributes.int('group', 1));
    return { outputs: alongAxis(dims, 0), outputCount: dims[0] ?? 0, inputs, bias: inputBias(node, 1) };
  },
  ConvTranspose(node, dims) {
    const groups = node.attributes.int('group', 1);
    const outputCount = (dims[1] ?? 0) * groups;
    const outputs = convTransposeOutputs(dims, groups);
    // How many input elements meet in one output element differs from place to place.
    return { outputs, outputCount, inputs: null, bias: inputBias(node, 1) };
  },
  Gemm(node, dims) {
    const [inAxis, outAxis] = node.attributes.int('transB', 0) === 0 ? [0, 1] : [1, 0];
    const inputs = node.attributes.int('transA', 0) === 0 ? alongAxis(dims, inAxis) : null;
    const bias = inputBias(node, node.attributes.float('beta', 1));
    return { outputs: alongAxis(dims, outAxis), outputCount: dims[outAxis] ?? 0, inputs, bias };
  },
  MatMul(node, dims) {
    // Norms have their channels in axis 1: the last one only where there are two.
    if (dims.length !== 2 || node.outputs[0]?.type?.dims?.length !== 2) return null;
    const [inputCount, outputCount = 0] = [alongAxis(dims, 0), dims[1]];
    return { outputs: alongAxis(dims, 1), outputCount, inputs: inputCount, bias: { kind: 'none' } };
  },
};

function inputBias(node: Node, factor: number): BiasPlace {
  return { kind: 'input', node, factor };
}

/**
 * The bias of each output channel; zeros where there is none.
 *
 * @returns null where the bias is computed, or is no bias per channel
 */
export function readBias(layer: Layer): Float64Array | null {
  const { bias, outputCount } = layer;
  const none = new Float64Array(outputCount);
  if (bias.kind === 'none') return none;
  const value = bias.node.inputs[indexOf(bias)];
  if (value == null) return none;
  const tensor = value.constant?.decode();
  if (tensor === undefined || !isPerChannel(tensor, layer)) return null;
  const numbers = toNumbers(tensor);
  const factor = bias.kind === 'input' ? bias.factor : 1;
  return none.map((_, c) => factor * (numbers[numbers.length === 1 ? 0 : c] ?? 0));
}

/** Whether the layer has a bias, constant or not. */
export function hasBias({ bias }: Layer): boolean {
  return bias.kind !== 'none' && bias.node.inputs[indexOf(bias)] != null;
}

function indexOf(bias: Exclude<BiasPlace, { kind: 'none' }>): number {
  return bias.kind === 'add' ? bias.index : biasIndex;
}

/** Whether a bias broadcasts along the channels only: axis 1 of a result of rank `biasRank`. */
function isPerChannel({ size, dims }: Tensor, layer: Layer): boolean {
  const rank = biasRank(layer);
  if (rank === null || dims.length > rank) return false;
  return size === 1 || (size === layer.outputCount && dims[dims.length - rank + 1] === size);
}

/** The rank that the bias is aligned with from the right; a vector is aligned with a matrix. */
function biasRank({ bias, output }: Layer): number | null {
  return bias.kind === 'add' ? (output.type?.dims?.length ?? null) : 2;
}

/** Puts a bias for each output channel in its place, rounded to the weights' type. */
export function writeBias(graph: Graph, layer: Layer, values: Float64Array): void {
  const { node, weight, bias: place, encoding } = layer;
  const name = `${weight.name}_bias`;
  if (place.kind === 'none') {
    const bias = graph.constant(tensorOf(encoding.type, values), name);
    graph.replaceNode(node, { op: 'Gemm', inputs: [...node.inputs, bias] });
    return;
  }
  // Trailing dims of 1 align the channels with axis 1 of the sum.
  const trailing = new Array<number>((biasRank(layer) ?? 2) - 2).fill(1);
  const bias = tensorOf(encoding.type, values, [values.length, ...trailing]);
  replaceOwn(graph, place.node, indexOf(place), dense(bias), name);
  if (place.kind === 'input' && place.factor !== 1) {
    graph.setAttributes(place.node, place.node.attributes.with({ beta: undefined }));
  }
}

/**
 * Gives a node another constant. A constant that only this node reads keeps its name; one that is
 * shared is left to its other readers, and a new one is made.
 */
export function replaceOwn(graph: Graph, node: Node, index: number, encoding: Encoding, name: string): void {
  const old = node.inputs[index];
  if (old != null && graph.uses(old).size === 1) graph.replaceConstant(old, encoding);
  else graph.setInput(node, index, graph.constant(encoding, old == null ? name : `${old.name}_folded`));
}
