import { Graph, ints, Model, Tensor } from '@espalier/core';

/** The mean of each colour: which of them a picture has most of. */
export function colours(): Model {
  const graph = new Graph('colours');
  const image = graph.addInput('image', { dtype: 'float32', dims: ['N', 3, 'H', 'W'] });
  const same = graph.constant(
    new Tensor('float32', Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3, 1, 1]),
    'same',
  );
  const conv = graph.apply({
    op: 'Conv',
    inputs: [image, same],
    attributes: { kernel_shape: ints([1, 1]) },
  });
  const pooled = graph.apply({ op: 'GlobalAveragePool', inputs: [conv] });
  graph.addOutput(
    graph.apply({ op: 'Flatten', inputs: [pooled] }, 'logits', { dtype: 'float32', dims: ['N', 3] }),
  );
  return new Model(graph);
}
