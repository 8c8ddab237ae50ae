import { Graph, Model, printType, quantization, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { readEspalier, writeEspalier } from '../src/index.js';
import { allKinds } from './random-models.js';

function smallModel(): Model {
  const graph = new Graph('g');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 3] });
  const w = graph.constant(new Tensor('float32', new Float32Array(6), [3, 2]), 'w');
  const product = graph.apply({ op: 'MatMul', name: 'mm', inputs: [x, w] }, 'product', {
    dtype: 'float32',
    dims: ['N', 2],
  });
  const relu = graph.apply({ op: 'Relu', name: 'r', inputs: [product] }, 'activation', {
    dtype: 'float32',
    dims: ['N', 2],
    quantization: quantization({ scale: 0.5, zeroPoint: 3 }),
  });
  graph.addOutput(graph.apply({ op: 'Softmax', name: 's', inputs: [relu] }, 'y'));
  return new Model(graph);
}

test('types that the file leaves out are inferred when it is read, quantization kept', () => {
  const { graph } = readEspalier(writeEspalier(smallModel()), { encodings: allKinds });
  expect(graph.nodes.map((node) => printType(node.outputs[0]?.type ?? null))).toEqual([
    'float32[N, 2]',
    'float32[N, 2] q int8 scale 0.5 zero 3',
    'float32[N, 2]',
  ]);
});

test('names that the file leaves out are made up from operator and place', () => {
  const { graph } = readEspalier(writeEspalier(smallModel()), { encodings: allKinds });
  expect(graph.nodes.map((node) => [node.name, node.outputs[0]?.name])).toEqual([
    ['MatMul_0', 'MatMul_0'],
    ['Relu_1', 'Relu_1'],
    ['Softmax_2', 'y'],
  ]);
  expect(graph.constants.map(({ name }) => name)).toEqual(['w']);
});

test('a made-up name steps aside for a given one', () => {
  const model = smallModel();
  const input = model.graph.inputs[0];
  if (input !== undefined) model.graph.rename(input, 'MatMul_0');
  const { graph } = readEspalier(writeEspalier(model), { encodings: allKinds });
  expect(graph.inputs[0]?.name).toBe('MatMul_0');
  expect(graph.nodes[0]?.outputs[0]?.name).toBe('MatMul_0_');
});
