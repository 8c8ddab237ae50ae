// Writes model.onnx: two layers with seeded weights; most inputs of the first one are pruned.
import { writeFileSync } from 'node:fs';
import { Graph, Model, Tensor, writeModel } from 'espalier';

let state = 1;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32 - 0.5;
}

function weights(rows, columns, kept = rows) {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => (i < kept * columns ? random() : 0));
  return new Tensor('float32', values, [rows, columns]);
}

const graph = new Graph('two-layers');
const x = graph.addInput('x', { dtype: 'float32', dims: [1, 64] });
const hidden = graph.apply({ op: 'Gemm', inputs: [x, graph.constant(weights(64, 48, 12), 'w1')] }, 'hidden');
const active = graph.apply({ op: 'Relu', inputs: [hidden] }, 'active');
graph.addOutput(
  graph.apply({ op: 'Gemm', inputs: [active, graph.constant(weights(48, 10), 'w2')] }, 'y', {
    dtype: 'float32',
    dims: [1, 10],
  }),
);
writeFileSync('model.onnx', writeModel(new Model(graph), 'onnx'));
