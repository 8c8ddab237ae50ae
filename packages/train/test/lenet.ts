import { createRandom, Graph, int, ints, Model, Tensor, type Value } from '@espalier/core';

/** Uniform in +-sqrt(6 / inputs): He et al. 2015 (arXiv:1502.01852). */
function weights(graph: Graph, name: string, dims: readonly number[]): Value {
  const random = createRandom(`weights/${name}`);
  const inputs = dims.slice(1).reduce((a, b) => a * b, 1);
  const bound = dims.length === 1 ? 0 : Math.sqrt(6 / inputs);
  const data = Float32Array.from(
    { length: dims.reduce((a, b) => a * b, 1) },
    () => (random.next() * 2 - 1) * bound,
  );
  return graph.constant(new Tensor('float32', data, dims), name);
}

function gemm(graph: Graph, x: Value, name: string, outputs: number, inputs: number): Value {
  const parameters = [weights(graph, `${name}.w`, [outputs, inputs]), weights(graph, `${name}.b`, [outputs])];
  return graph.apply({ op: 'Gemm', name, attributes: { transB: int(1) }, inputs: [x, ...parameters] });
}

function conv(graph: Graph, x: Value, name: string, outputs: number, inputs: number): Value {
  const parameters = [
    weights(graph, `${name}.w`, [outputs, inputs, 5, 5]),
    weights(graph, `${name}.b`, [outputs]),
  ];
  return graph.apply({ op: 'Conv', name, inputs: [x, ...parameters] });
}

function pool(graph: Graph, x: Value): Value {
  return graph.apply({
    op: 'MaxPool',
    attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
    inputs: [x],
  });
}

/** LeNet-300-100: 784, 300, 100, 10. */
export function lenet300(): Model {
  const graph = new Graph('lenet-300-100');
  const image = graph.addInput('image', { dtype: 'float32', dims: ['N', 1, 28, 28] });
  let x = graph.apply({ op: 'Flatten', inputs: [image] });
  x = graph.apply({ op: 'Relu', name: 'relu1', inputs: [gemm(graph, x, 'fc1', 300, 784)] });
  x = graph.apply({ op: 'Relu', name: 'relu2', inputs: [gemm(graph, x, 'fc2', 100, 300)] });
  graph.addOutput(gemm(graph, x, 'fc3', 10, 100));
  return new Model(graph);
}

/** LeNet-5 as in Caffe. */
export function lenet5(): Model {
  const graph = new Graph('lenet-5');
  const image = graph.addInput('image', { dtype: 'float32', dims: ['N', 1, 28, 28] });
  let x = pool(graph, conv(graph, image, 'conv1', 20, 1));
  x = pool(graph, conv(graph, x, 'conv2', 50, 20));
  x = gemm(graph, graph.apply({ op: 'Flatten', inputs: [x] }), 'fc1', 500, 800);
  x = graph.apply({ op: 'Relu', name: 'relu1', inputs: [x] });
  graph.addOutput(gemm(graph, x, 'fc2', 10, 500));
  return new Model(graph);
}
