import { createRandom, Graph, ints, Model, Tensor } from '@espalier/core';

/** Conv 3 to 4, Relu, mean over the image, Gemm to 5 scores: seeded weights, free batch size, 8 x 8 images. */
export function tinyModel(): Model {
  const random = createRandom(7);
  const weights = (...dims: number[]): Tensor => {
    const count = dims.reduce((a, b) => a * b, 1);
    return new Tensor(
      'float32',
      Float32Array.from({ length: count }, () => random.next() - 0.5),
      dims,
    );
  };
  const graph = new Graph('tiny');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 3, 8, 8] });
  const conv = graph.apply(
    {
      op: 'Conv',
      name: 'conv',
      attributes: { pads: ints([1, 1, 1, 1]) },
      inputs: [x, graph.constant(weights(16, 3, 3, 3), 'conv.weight')],
    },
    'conv_out',
  );
  const relu = graph.apply({ op: 'Relu', name: 'relu', inputs: [conv] }, 'relu_out');
  const mean = graph.apply({ op: 'GlobalAveragePool', name: 'pool', inputs: [relu] }, 'pool_out');
  const flat = graph.apply({ op: 'Flatten', name: 'flatten', inputs: [mean] }, 'flat');
  const scores = graph.apply(
    {
      op: 'Gemm',
      name: 'fc',
      inputs: [flat, graph.constant(weights(16, 5), 'fc.weight'), graph.constant(weights(5), 'fc.bias')],
    },
    'scores',
    { dtype: 'float32', dims: ['N', 5] },
  );
  graph.addOutput(scores);
  return new Model(graph);
}
