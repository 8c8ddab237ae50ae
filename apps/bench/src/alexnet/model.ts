import { Graph, int, ints, Model, Tensor, type Value } from '@espalier/core';
import { laplace } from './laplace.js';

/** A layer of AlexNet as in Caffe's model: conv2, 4 and 5 have two groups. */
interface LayerSpec {
  readonly name: string;
  readonly dims: readonly number[];
  /** Of a convolution; absent for a matrix. */
  readonly conv?: { readonly stride: number; readonly pad: number; readonly group: number };
  /** A 3 x 3 max pool of stride 2 follows. */
  readonly pool?: boolean;
}

/** 60,954,656 weights. Krizhevsky, Sutskever and Hinton 2012, section 3.5; Deep Compression, table 4. */
const layers: readonly LayerSpec[] = [
  { name: 'conv1', dims: [96, 3, 11, 11], conv: { stride: 4, pad: 0, group: 1 }, pool: true },
  { name: 'conv2', dims: [256, 48, 5, 5], conv: { stride: 1, pad: 2, group: 2 }, pool: true },
  { name: 'conv3', dims: [384, 256, 3, 3], conv: { stride: 1, pad: 1, group: 1 } },
  { name: 'conv4', dims: [384, 192, 3, 3], conv: { stride: 1, pad: 1, group: 2 } },
  { name: 'conv5', dims: [256, 192, 3, 3], conv: { stride: 1, pad: 1, group: 2 }, pool: true },
  { name: 'fc6', dims: [4096, 9216] },
  { name: 'fc7', dims: [4096, 4096] },
  { name: 'fc8', dims: [1000, 4096] },
];

/**
 * A model of AlexNet's shape whose weights are drawn from a Laplace distribution, the usual fit to
 * trained ones, with the standard deviation of He's initialisation in each layer. Biases are zeros.
 *
 * @param seed - the same seed gives the same weights in Node and in Chromium
 */
export function alexNetOfNoise(seed: number): Model {
  const graph = new Graph('alexnet-of-noise');
  let value = graph.addInput('image', { dtype: 'float32', dims: ['N', 3, 227, 227] });
  for (const layer of layers) value = addLayer(graph, layer, value, `${seed}/${layer.name}`);
  graph.addOutput(value);
  return new Model(graph);
}

function addLayer(graph: Graph, { name, dims, conv, pool }: LayerSpec, input: Value, seed: string): Value {
  const channels = dims[0] ?? 1;
  const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const weight = graph.constant(
    new Tensor('float32', laplace(channels * fanIn, Math.sqrt(2 / fanIn), seed), dims),
    `${name}.weight`,
  );
  const bias = graph.constant(new Tensor('float32', new Float32Array(channels), [channels]), `${name}.bias`);
  if (conv === undefined) {
    const flat =
      name === 'fc6' ? graph.apply({ op: 'Flatten', name: 'flatten', inputs: [input] }, 'flat') : input;
    const inputs = [flat, weight, bias];
    const product = graph.apply({ op: 'Gemm', name, inputs, attributes: { transB: int(1) } }, name);
    return name === 'fc8' ? product : relu(graph, name, product);
  }
  const sum = graph.apply(
    {
      op: 'Conv',
      name,
      inputs: [input, weight, bias],
      attributes: {
        strides: ints([conv.stride, conv.stride]),
        pads: ints([conv.pad, conv.pad, conv.pad, conv.pad]),
        group: int(conv.group),
      },
    },
    name,
  );
  const active = relu(graph, name, sum);
  return pool === true ? maxPool(graph, name, active) : active;
}

function relu(graph: Graph, name: string, input: Value): Value {
  return graph.apply({ op: 'Relu', name: `${name}.relu`, inputs: [input] }, `${name}.relu`);
}

function maxPool(graph: Graph, name: string, input: Value): Value {
  const attributes = { kernel_shape: ints([3, 3]), strides: ints([2, 2]) };
  return graph.apply({ op: 'MaxPool', name: `${name}.pool`, inputs: [input], attributes }, `${name}.pool`);
}
