import { Graph, Model, Tensor, type Value } from '@espalier/core';
import { writeOnnx } from '@espalier/onnx';

/** Numbers that look like weights, the same each time. */
function weights(count: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const first = state / 2 ** 32;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (first + state / 2 ** 32 - 1) * 0.1;
  });
}

/** ONNX bytes of a chain of products of `width` by `width`, each with a ReLU behind it. */
export function chainOfLayers(layers: number, width: number): Uint8Array {
  const graph = new Graph('chain');
  let at: Value = graph.addInput('x', { dtype: 'float32', dims: ['N', width] });
  for (let i = 0; i < layers; i++) {
    const weight = graph.constant(
      new Tensor('float32', weights(width * width), [width, width]),
      `layer${i}.weight`,
    );
    at = graph.apply({ op: 'MatMul', name: `layer${i}`, inputs: [at, weight] }, `layer${i}.out`);
    at = graph.apply({ op: 'Relu', name: `layer${i}.relu`, inputs: [at] }, `layer${i}.relu.out`);
  }
  graph.addOutput(at);
  return writeOnnx(new Model(graph));
}
