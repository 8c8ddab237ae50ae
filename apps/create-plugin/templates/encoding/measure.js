// Prints what the encoding saves, and puts the table into the README: npm run measure
import { createRandom, Graph, int, Model, Tensor } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { myIdea } from 'espalier-plugin-my-idea';
import { writeTable } from './readme-table.js';

const compressor = createCompressor([myIdea]);
const shared = { pass: 'share-weights', options: { bits: 4 } };
const rows = [['channels kept', 'bytes of weights, shared', 'with runs', 'smaller']];
for (const kept of [64, 32, 8]) {
  const [before, after] = [await weightBytes(kept, [shared]), await weightBytes(kept, [shared, 'my-idea'])];
  rows.push([`${kept} of 64`, before, after, `${(before / after).toFixed(2)}x`]);
}
writeTable(rows);

/** Centroids and indices, as a file holds them. */
async function weightBytes(kept, steps) {
  const { report } = await compressor.run(layer(kept), { steps });
  return report.weights[0].bytesAfter;
}

/** 256 inputs, 64 outputs; the weights of all outputs but `kept` are zero. [outputs, inputs], as Gemm has them. */
function layer(kept) {
  const random = createRandom('weights');
  const weights = Float32Array.from({ length: 64 * 256 }, (_, i) => (i < kept * 256 ? random.normal() : 0));
  const graph = new Graph('layer');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 256] });
  const w = graph.constant(new Tensor('float32', weights, [64, 256]), 'w');
  const attributes = { transB: int(1) };
  graph.addOutput(graph.apply({ op: 'Gemm', inputs: [x, w], attributes }, 'y'));
  return new Model(graph);
}
