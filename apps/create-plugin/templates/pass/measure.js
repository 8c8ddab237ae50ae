// Prints what the pass saves and costs, and puts the table into the README: npm run measure [-- model.onnx]
import { readFileSync } from 'node:fs';
import { createRandom, Graph, Model, memoryDataset, readModel, Tensor } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { myIdea } from 'espalier-plugin-my-idea';
import { writeTable } from './readme-table.js';

const compressor = createCompressor([myIdea]);
const [file] = process.argv.slice(2);
const model = file === undefined ? twoLayers() : await readModel(compressor.container, readFileSync(file));

const rows = [['threshold', 'file bytes', 'smaller', 'weights dropped', 'output SQNR']];
for (const threshold of [0, 0.05, 0.1, 0.2]) {
  const { report } = await compressor.run(model, [myIdea({ threshold })], {
    data: { calibration: samples() },
  });
  const [pass] = report.passes;
  const sqnr = pass.drift?.outputSqnrDb ?? Infinity;
  rows.push([
    threshold,
    report.sizeBytesAfter,
    `${(report.sizeBytesBefore / report.sizeBytesAfter).toFixed(2)}x`,
    pass.statistics['weights.zeroed'] ?? 0,
    Number.isFinite(sqnr) ? `${sqnr.toFixed(1)} dB` : 'exact',
  ]);
}
writeTable(rows);

/** 256 inputs, 128 hidden units, 10 scores; weights from a normal distribution. */
function twoLayers() {
  const random = createRandom('weights');
  const normal = (...dims) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    return new Tensor(
      'float32',
      Float32Array.from({ length: count }, () => 0.1 * random.normal()),
      dims,
    );
  };
  const graph = new Graph('two-layers');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 256] });
  const hidden = graph.apply({ op: 'MatMul', inputs: [x, graph.constant(normal(256, 128), 'w1')] }, 'hidden');
  const active = graph.apply({ op: 'Relu', inputs: [hidden] }, 'active');
  graph.addOutput(
    graph.apply({ op: 'MatMul', inputs: [active, graph.constant(normal(128, 10), 'w2')] }, 'y'),
  );
  return new Model(graph);
}

/** 64 seeded samples for the model's input. */
function samples() {
  const [input] = model.graph.inputs;
  const dims = [64, ...(input.type?.dims ?? []).slice(1)].map((dim) => (typeof dim === 'number' ? dim : 1));
  const random = createRandom('samples');
  const count = dims.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length: count }, () => random.normal());
  return memoryDataset('seeded samples', { [input.name]: new Tensor('float32', values, dims) });
}
