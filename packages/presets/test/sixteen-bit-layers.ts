import {
  type Attribute,
  createRandom,
  float,
  Graph,
  int,
  ints,
  Model,
  Tensor,
  type Value,
} from '@espalier/core';

/** A network of the layers that TensorFlow Lite computes with 16-bit activations, with seeded weights: image [1, 4, 9, 9]. */
export function sixteenBitLayers(): Model {
  const graph = new Graph('sixteen bits');
  const random = createRandom(11);
  const weight = (...dims: readonly number[]): Value => {
    const count = dims.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, () => random.next() - 0.5);
    return graph.constant(new Tensor('float32', values, dims));
  };
  const numbers = (...values: readonly number[]): Value =>
    graph.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]));
  const scalar = (value: number): Value => graph.constant(new Tensor('float32', Float32Array.of(value), []));
  const layer = (
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value => graph.apply({ op, name: `${op} ${graph.nodeCount}`, inputs, attributes });

  const image = graph.addInput('image', { dtype: 'float32', dims: [1, 4, 9, 9] });
  const first = layer('Conv', [image, weight(8, 4, 3, 3), weight(8)], {
    kernel_shape: ints([3, 3]),
    pads: ints([1, 1, 1, 1]),
  });
  const clipped = layer('Clip', [first, scalar(0), scalar(6)]);
  const each = layer('Conv', [clipped, weight(8, 1, 3, 3)], {
    ...{ kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), group: int(8) },
  });
  const leaky = layer('LeakyRelu', [each], { alpha: float(0.1) });
  const gate = layer('Sigmoid', [layer('Conv', [leaky, weight(8, 8, 1, 1)], { kernel_shape: ints([1, 1]) })]);
  const gated = layer('Mul', [leaky, gate]);
  const sum = layer('Add', [gated, leaky]);
  const curved = layer('Tanh', [sum]);
  const difference = layer('Sub', [curved, sum]);
  const pooled = layer('AveragePool', [difference], {
    ...{ kernel_shape: ints([2, 2]), strides: ints([2, 2]), pads: ints([0, 0, 1, 1]) },
  });
  const largest = layer('MaxPool', [pooled], { kernel_shape: ints([2, 2]) });
  const mean = layer('ReduceMean', [largest, numbers(2, 3)], { keepdims: int(0) });
  const scores = layer('Gemm', [mean, weight(10, 8), weight(10)], { transB: int(1) });
  graph.addOutput(layer('Softmax', [scores], { axis: int(1) }));
  graph.addOutput(scores);
  return new Model(graph);
}
