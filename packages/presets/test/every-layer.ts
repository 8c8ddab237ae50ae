import {
  type Attribute,
  createRandom,
  float,
  Graph,
  int,
  ints,
  Model,
  string,
  Tensor,
  type Value,
} from '@espalier/core';

/** A network in which every layer that images pass through stands once, with seeded weights: image [1, 4, 9, 9]. */
export function everyLayer(): Model {
  const graph = new Graph('every layer');
  const random = createRandom(7);
  const weight = (...dims: readonly number[]): Value => {
    const count = dims.reduce((a, b) => a * b, 1);
    return graph.constant(
      new Tensor(
        'float32',
        Float32Array.from({ length: count }, () => random.next() - 0.5),
        dims,
      ),
    );
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
  // Padding that is neither SAME nor VALID.
  let x = layer('Conv', [image, weight(8, 4, 3, 3), weight(8)], {
    kernel_shape: ints([3, 3]),
    strides: ints([2, 2]),
    pads: ints([1, 1, 0, 0]),
  });
  const positive = graph.constant(new Tensor('float32', new Float32Array(8).fill(0.8)));
  x = layer('BatchNormalization', [x, weight(8), weight(8), weight(8), positive]);
  x = layer('Clip', [x, scalar(0), scalar(6)]);
  const wide = layer('Resize', [x, null, null, numbers(1, 8, 8, 8)], {
    mode: string('linear'),
    coordinate_transformation_mode: string('half_pixel'),
  });
  x = layer('Conv', [wide, weight(16, 1, 3, 3)], {
    kernel_shape: ints([3, 3]),
    pads: ints([1, 1, 1, 1]),
    group: int(8),
  });
  x = layer('HardSwish', [x]);
  x = layer('MaxPool', [x], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) });
  const [left, right] = splitInTwo(graph, x, numbers(6, 10));
  x = layer('Concat', [right, left], { axis: int(1) });
  x = layer('PRelu', [x, weight(16, 1, 1)]);
  x = layer('Clip', [x, scalar(-0.7), scalar(1.5)]);
  const gate = layer('HardSigmoid', [layer('GlobalAveragePool', [x])], {
    alpha: float(0.25),
    beta: float(0.4),
  });
  x = layer('Mul', [x, gate]);
  x = layer('ConvTranspose', [x, weight(16, 5, 3, 3), weight(5)], {
    kernel_shape: ints([3, 3]),
    strides: ints([2, 2]),
    pads: ints([0, 0, 1, 1]),
  });
  x = layer('Slice', [x, numbers(1, 0), numbers(7, 8), numbers(2, 3), numbers(1, 2)]);
  x = layer('AveragePool', [x], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
  // Rows of an image that is flattened channels first: 5 x 3 x 2.
  x = layer('Flatten', [x]);
  x = layer('Relu', [layer('Gemm', [x, weight(30, 12), weight(12)])]);
  x = layer('MatMul', [x, weight(12, 7)]);
  x = layer('Add', [x, weight(7)]);
  const scores = graph.addValue('scores');
  graph.addNode({
    op: 'Softmax',
    name: 'Softmax',
    inputs: [x],
    outputs: [scores],
    attributes: { axis: int(-1) },
  });
  graph.addOutput(scores);
  return new Model(graph);
}

function splitInTwo(graph: Graph, value: Value, sizes: Value): readonly [Value, Value] {
  const [left, right] = [graph.addValue('left'), graph.addValue('right')];
  graph.addNode({
    op: 'Split',
    name: 'Split',
    inputs: [value, sizes],
    outputs: [left, right],
    attributes: { axis: int(1) },
  });
  return [left, right];
}
