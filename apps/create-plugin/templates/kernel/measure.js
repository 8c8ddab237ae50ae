// Prints what recipes make of a model with the operator, and puts the table into the README: npm run measure
import { createRandom, Graph, Model, memoryDataset, Tensor } from '@espalier/core';
import { createCompressor, deepCompression, float16 } from '@espalier/presets';
import { myIdea } from 'espalier-plugin-my-idea';
import { writeTable } from './readme-table.js';

const random = createRandom('two layers');
const samples = memoryDataset('seeded samples', { x: normal(1, 64, 128) });
const compressor = createCompressor([myIdea]);
const model = twoLayers();

const rows = [['recipe', 'file bytes', 'smaller', 'output SQNR']];
for (const recipe of [float16, deepCompression]) {
  const { report } = await compressor.run(model, recipe, { data: { calibration: samples } });
  const ratio = report.sizeBytesBefore / report.sizeBytesAfter;
  const { outputSqnrDb } = report.passes.at(-1).drift;
  rows.push([recipe.name, report.sizeBytesAfter, `${ratio.toFixed(2)}x`, `${outputSqnrDb.toFixed(1)} dB`]);
}
writeTable(rows);

function normal(deviation, ...dims) {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return new Tensor(
    'float32',
    Float32Array.from({ length: count }, () => deviation * random.normal()),
    dims,
  );
}

function twoLayers() {
  const graph = new Graph('two-layers');
  const type = { dtype: 'float32', dims: ['N', 128] };
  const x = graph.addInput('x', type);
  const w1 = graph.constant(normal(0.1, 128, 128), 'w1');
  const hidden = graph.apply({ op: 'MatMul', inputs: [x, w1] }, 'hidden', type);
  const active = graph.apply({ op: 'QuickGelu', domain: 'com.microsoft', inputs: [hidden] }, 'active', type);
  const w2 = graph.constant(normal(0.1, 128, 10), 'w2');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [active, w2] }, 'y'));
  return new Model(graph);
}
