import { createRandom, Graph, int, ints, Model, type Random, Tensor, type Value } from '@espalier/core';

/** A network of the papers, untrained. */
export interface Network {
  readonly name: 'lenet-300-100' | 'lenet-5';
  readonly title: string;
  readonly input: { readonly input: string; readonly dims: readonly number[] };
  build(seed: number | string): Model;
}

/**
 * Two hidden layers of 300 and 100 units: 266,200 weights. LeCun et al. 1998, section III.C.3, with the rectifier
 * of Caffe's time instead of its squashing function.
 */
export const lenet300: Network = {
  name: 'lenet-300-100',
  title: 'LeNet-300-100',
  input: { input: 'image', dims: [784] },
  build(seed) {
    const graph = new Graph('lenet-300-100');
    const layers = new Layers(graph, seed);
    let value = graph.addInput('image', { dtype: 'float32', dims: ['N', 784] });
    value = layers.relu('fc1', layers.gemm('fc1', value, 300, 784));
    value = layers.relu('fc2', layers.gemm('fc2', value, 100, 300));
    return layers.finish(layers.gemm('fc3', value, 10, 100));
  },
};

/**
 * LeNet-5 as in Caffe's `examples/mnist/lenet_train_test.prototxt`, which the papers use: no rectifier behind the
 * convolutions, two pools, 430,500 weights.
 */
export const lenet5: Network = {
  name: 'lenet-5',
  title: 'LeNet-5',
  input: { input: 'image', dims: [1, 28, 28] },
  build(seed) {
    const graph = new Graph('lenet-5');
    const layers = new Layers(graph, seed);
    let value = graph.addInput('image', { dtype: 'float32', dims: ['N', 1, 28, 28] });
    value = layers.pool('pool1', layers.conv('conv1', value, 20, 1));
    value = layers.pool('pool2', layers.conv('conv2', value, 50, 20));
    value = graph.apply({ op: 'Flatten', name: 'flatten', inputs: [value] }, 'flat');
    value = layers.relu('fc1', layers.gemm('fc1', value, 500, 16 * 50));
    return layers.finish(layers.gemm('fc2', value, 10, 500));
  },
};

export const networks: Readonly<Record<Network['name'], Network>> = {
  'lenet-300-100': lenet300,
  'lenet-5': lenet5,
};

/** Adds layers with weights as He et al. 2015 (arXiv:1502.01852) draw them; biases are zeros. */
class Layers {
  readonly #graph: Graph;
  readonly #random: Random;

  constructor(graph: Graph, seed: number | string) {
    this.#graph = graph;
    this.#random = createRandom(seed);
  }

  gemm(name: string, input: Value, outputs: number, inputs: number): Value {
    const attributes = { transB: int(1) };
    const operands = [input, ...this.#weights(name, [outputs, inputs])];
    return this.#graph.apply({ op: 'Gemm', name, inputs: operands, attributes }, name);
  }

  conv(name: string, input: Value, outputs: number, inputs: number): Value {
    const operands = [input, ...this.#weights(name, [outputs, inputs, 5, 5])];
    return this.#graph.apply({ op: 'Conv', name, inputs: operands }, name);
  }

  pool(name: string, input: Value): Value {
    const attributes = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
    return this.#graph.apply({ op: 'MaxPool', name, inputs: [input], attributes }, name);
  }

  relu(name: string, input: Value): Value {
    return this.#graph.apply({ op: 'Relu', name: `${name}.relu`, inputs: [input] }, `${name}.relu`);
  }

  finish(scores: Value): Model {
    this.#graph.addOutput(scores);
    return new Model(this.#graph);
  }

  #weights(name: string, dims: readonly number[]): readonly Value[] {
    const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
    const random = this.#random.fork(name);
    const deviation = Math.sqrt(2 / fanIn);
    const outputs = dims[0] ?? 1;
    const values = Float32Array.from({ length: outputs * fanIn }, () => deviation * random.normal());
    return [
      this.#graph.constant(new Tensor('float32', values, dims), `${name}.weight`),
      this.#graph.constant(new Tensor('float32', new Float32Array(outputs), [outputs]), `${name}.bias`),
    ];
  }
}
