import type { Graph, Model, Node, Value } from '@espalier/core';
import { dimsOf, product } from '../networks/network-builder.js';
import { activations, type FusedActivation, paddings } from './codes.js';
import { FileParts } from './file-parts.js';
import { channelsLast, storedWeights } from './weights.js';

/** What a node becomes: the value behind its activation, and that activation. */
interface Result {
  readonly value: Value;
  readonly activation: FusedActivation;
}

/** Walks a graph and writes one operator for each node that is not fused into the one before it. */
export class GraphWriter {
  readonly #graph: Graph;
  readonly #parts = new FileParts();
  readonly #tensors = new Map<Value, number>();
  readonly #fused = new Set<Node>();

  constructor({ graph }: Model) {
    this.#graph = graph;
  }

  write(): Uint8Array {
    const [input, output] = [this.#graph.inputs[0], this.#graph.outputs[0]];
    if (input === undefined || output === undefined)
      throw new RangeError('The graph has no input or no output.');
    const first = this.#activation(input);
    for (const node of this.#graph.nodes) if (!this.#fused.has(node)) this.#operator(node);
    return this.#parts.finish(first, this.#tensor(output));
  }

  #operator(node: Node): void {
    if (node.op === 'Conv') this.#conv(node);
    else if (node.op === 'Gemm') this.#connected(node);
    else if (node.op === 'MaxPool') this.#maxPool(node);
    else if (node.op === 'Add') this.#add(node);
    else if (node.op === 'Concat') this.#concat(node);
    else if (node.op === 'GlobalAveragePool') this.#mean(node);
    else if (node.op === 'Flatten') this.#flatten(node);
    else throw new RangeError(`No network of the benchmark has a ${node.op}.`);
  }

  #conv(node: Node): void {
    const [x, w, b] = node.inputs;
    const [filters = 1, depth = 1, height = 1, width = 1] = w?.constant?.dims ?? [];
    const isDepthwise = node.attributes.int('group', 1) > 1;
    const kernel = isDepthwise
      ? this.#weights(w, [1, height, width, filters], 3, [1, filters, height * width])
      : this.#weights(w, [filters, height, width, depth], 0, [filters, depth, height * width]);
    const inputs = [this.#tensor(x), kernel, this.#weights(b, [filters], 0)];
    const { value, activation } = this.#result(node);
    const [rows = 1, columns = 1] = node.attributes.ints('strides', [1, 1]);
    const shared = [
      { id: 0, int8: paddings[paddingOf(node)] },
      { id: 1, int32: columns },
      { id: 2, int32: rows },
    ];
    const behind = { int8: activations[activation] };
    const output = this.#activation(value);
    if (isDepthwise) {
      const options = [...shared, { id: 3, int32: 1 }, { id: 4, ...behind }]; // one filter a channel
      this.#parts.operator('DEPTHWISE_CONV_2D', inputs, output, 7, options);
    } else {
      this.#parts.operator('CONV_2D', inputs, output, 6, [...shared, { id: 3, ...behind }]);
    }
  }

  #connected(node: Node): void {
    const [x, w, b] = node.inputs;
    const [outputs = 1, inputs = 1] = w?.constant?.dims ?? [];
    // What was flattened in NHWC reads the weights of a row in that order.
    const [, channels = inputs, ...image] = dimsOf(this.#flattened(x));
    const order = [outputs, channels, product(image)] as const;
    const reads = [
      this.#tensor(x),
      this.#weights(w, [outputs, inputs], 0, order),
      this.#weights(b, [outputs], 0),
    ];
    const { value, activation } = this.#result(node);
    const options = [{ id: 0, int8: activations[activation] }];
    this.#parts.operator('FULLY_CONNECTED', reads, this.#activation(value), 5, options);
  }

  #maxPool(node: Node): void {
    const [rows = 1, columns = 1] = node.attributes.ints('strides', [1, 1]);
    const [height = 1, width = 1] = node.attributes.ints('kernel_shape', []);
    this.#parts.operator('MAX_POOL_2D', this.#reads(node), this.#output(node), 6, [
      { id: 0, int8: paddings[paddingOf(node)] },
      { id: 1, int32: columns },
      { id: 2, int32: rows },
      { id: 3, int32: width },
      { id: 4, int32: height },
    ]);
  }

  #add(node: Node): void {
    const { value, activation } = this.#result(node);
    const options = [{ id: 0, int8: activations[activation] }];
    this.#parts.operator('ADD', this.#reads(node), this.#activation(value), 2, options);
  }

  #concat(node: Node): void {
    this.#parts.operator('CONCATENATION', this.#reads(node), this.#output(node), 2, [{ id: 0, int32: 3 }]);
  }

  /** A mean over rows and columns; where it is flattened at once, without keeping them. */
  #mean(node: Node): void {
    const [flatten] = this.#graph.consumers(node.outputs[0]);
    if (flatten?.op !== 'Flatten') throw new RangeError('A global mean is flattened in all networks.');
    this.#fused.add(flatten);
    const axes = this.#parts.tensor({
      name: `${node.name}.axes`,
      dims: [2],
      type: 'int32',
      data: Int32Array.of(1, 2),
    });
    this.#parts.operator('MEAN', [...this.#reads(node), axes], this.#output(flatten), 1, []);
  }

  #flatten(node: Node): void {
    const shape = Int32Array.from(dimsOf(node.outputs[0]));
    const shapeTensor = this.#parts.tensor({
      name: `${node.name}.shape`,
      dims: [2],
      type: 'int32',
      data: shape,
    });
    const inputs = [...this.#reads(node), shapeTensor];
    const options = [{ id: 0, offset: this.#parts.build.int32s(shape) }];
    this.#parts.operator('RESHAPE', inputs, this.#output(node), 1, options);
  }

  /** The image that a Flatten made a row of; the value itself where there was none. */
  #flattened(value: Value | null | undefined): Value | null | undefined {
    const producer = this.#graph.producer(value);
    return producer?.op === 'Flatten' ? producer.inputs[0] : value;
  }

  /** The Relu or Clip behind a node is computed with it. */
  #result(node: Node): Result {
    const value = node.outputs[0];
    if (value == null) throw new RangeError(`${node.name} has no output.`);
    const [next] = this.#graph.consumers(value);
    const behind = next?.outputs[0];
    if (this.#graph.uses(value).size !== 1 || next === undefined || behind == null)
      return { value, activation: 'none' };
    if (next.op !== 'Relu' && next.op !== 'Clip') return { value, activation: 'none' };
    this.#fused.add(next);
    return { value: behind, activation: next.op === 'Relu' ? 'relu' : 'relu6' };
  }

  #reads(node: Node): readonly number[] {
    return node.inputs.map((value) => this.#tensor(value));
  }

  #output({ name, outputs: [value] }: Node): number {
    if (value == null) throw new RangeError(`${name} has no output.`);
    return this.#activation(value);
  }

  #tensor(value: Value | null | undefined): number {
    const index = value == null ? undefined : this.#tensors.get(value);
    if (index === undefined) throw new RangeError(`"${value?.name}" is read before it is computed.`);
    return index;
  }

  #activation(value: Value): number {
    const [n = 1, c = 1, ...image] = dimsOf(value);
    const grid = value.type?.quantization ?? null;
    const type = grid === null ? 'float32' : 'int8';
    const index = this.#parts.tensor({ name: value.name, dims: [n, ...image, c], type, grid });
    this.#tensors.set(value, index);
    return index;
  }

  /** A constant, with channels last where it is given as [outer, channels, inner]. */
  #weights(
    value: Value | null | undefined,
    dims: readonly number[],
    axis: number,
    order: readonly [number, number, number] = [1, 1, product(dims)],
  ): number {
    if (value?.constant == null) throw new RangeError('A weight of a network is no constant.');
    const { type, data, grid } = storedWeights(value.constant);
    return this.#parts.tensor({
      name: value.name,
      dims,
      type,
      grid,
      axis,
      data: channelsLast(data, ...order),
    });
  }
}

/** TensorFlow knows no padding by numbers. */
function paddingOf(node: Node): keyof typeof paddings {
  const pads = node.attributes.ints('pads', [0, 0, 0, 0]);
  const [, , ...input] = dimsOf(node.inputs[0]);
  const [, , ...output] = dimsOf(node.outputs[0]);
  const strides = node.attributes.ints('strides', [1, 1]);
  const isSame = output.every((size, axis) => size === Math.ceil((input[axis] ?? 1) / (strides[axis] ?? 1)));
  const isFirstShort = pads
    .slice(0, 2)
    .every((before, axis) => [0, 1].includes((pads[axis + 2] ?? 0) - before));
  if (isSame && isFirstShort) return 'same';
  if (pads.every((pad) => pad === 0)) return 'valid';
  throw new RangeError(`${node.name} has pads ${pads.join(', ')}: neither of TensorFlow's two paddings.`);
}
