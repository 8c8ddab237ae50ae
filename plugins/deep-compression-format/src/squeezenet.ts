import { Graph, int, ints, Model, type Value } from '@espalier/core';
import type { LayerShape } from './layout.js';
import type { StoredLayer } from './read-layer.js';

/** What a fire module makes of its input: channels in, after squeezing, and of each of the two that expand. */
const fires: readonly (readonly [inputs: number, squeezed: number, expanded: number])[] = [
  [96, 16, 64],
  [128, 16, 64],
  [128, 32, 128],
  [256, 32, 128],
  [256, 48, 192],
  [384, 48, 192],
  [384, 64, 256],
  [512, 64, 256],
];
const FIRST_FIRE = 2;
/** Fire modules with a pool behind them; the first convolution has one too. */
const POOLED: readonly number[] = [4, 8];

/** All layers with weights, in the order in which they compute and stand in the file. */
export const squeezeNetLayers: readonly LayerShape[] = [
  { name: 'conv1', dims: [96, 3, 7, 7] },
  ...fires.flatMap(([inputs, squeezed, expanded], i) => [
    { name: `fire${i + FIRST_FIRE}/conv1x1_1`, dims: [squeezed, inputs, 1, 1] },
    { name: `fire${i + FIRST_FIRE}/conv1x1_2`, dims: [expanded, squeezed, 1, 1] },
    { name: `fire${i + FIRST_FIRE}/conv3x3_2`, dims: [expanded, squeezed, 3, 3] },
  ]),
  { name: 'conv_final', dims: [1000, 512, 1, 1] },
];

/**
 * SqueezeNet v1.0 around its weights. It reads [N, 3, 227, 227], channels blue, green, red, 0 to 255 less (104, 117, 123), and
 * gives [N, 1000, 1, 1], scores of the ImageNet classes before softmax.
 *
 * @param layer - the parameters of a layer, by its place in the list
 * @see Iandola et al. 2016 (arXiv:1602.07360), table 1
 */
export function squeezeNet(layer: (index: number) => StoredLayer): Model {
  const graph = new Graph('SqueezeNet');
  let next = 0;
  const convolution = (input: Value, stride: number, pad: number): Value =>
    addConvolution(graph, layer(next++), input, stride, pad);
  let value = graph.addInput('data', { dtype: 'float32', dims: ['N', 3, 227, 227] });
  value = addPool(graph, convolution(value, 2, 0), 'pool1');
  for (let fire = FIRST_FIRE; fire < FIRST_FIRE + fires.length; fire++) {
    const squeezed = convolution(value, 1, 0);
    const inputs = [convolution(squeezed, 1, 0), convolution(squeezed, 1, 1)];
    value = graph.apply({ op: 'Concat', inputs, attributes: { axis: int(1) } }, `fire${fire}`);
    if (POOLED.includes(fire)) value = addPool(graph, value, `pool${fire}`);
  }
  // The last one is 1 x 1 with a padding of 1, in the original too: a border of biases goes into the mean.
  graph.addOutput(graph.apply({ op: 'GlobalAveragePool', inputs: [convolution(value, 1, 1)] }, 'scores'));
  return new Model(graph);
}

function addConvolution(
  graph: Graph,
  { name, weight, bias }: StoredLayer,
  input: Value,
  stride: number,
  pad: number,
): Value {
  const inputs = [input, graph.constant(weight, `${name}.weight`), graph.constant(bias, `${name}.bias`)];
  const attributes = { strides: ints([stride, stride]), pads: ints([pad, pad, pad, pad]) };
  const sums = graph.apply({ op: 'Conv', name, inputs, attributes }, name);
  return graph.apply({ op: 'Relu', inputs: [sums] }, `${name}.relu`);
}

/** The original rounds sizes up; with an input of 227 x 227 all divide. */
function addPool(graph: Graph, input: Value, name: string): Value {
  const attributes = { kernel_shape: ints([3, 3]), strides: ints([2, 2]) };
  return graph.apply({ op: 'MaxPool', name, inputs: [input], attributes }, name);
}
