import { Graph, Model, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { measureEspalier, readEspalier, writeEspalier } from '../src/index.js';
import { lenet300, packedLeaf } from './lenet.js';
import { allKinds } from './random-models.js';

function contentBytes(model: Model): number {
  return model.graph.constants.reduce((sum, { constant }) => sum + (constant?.byteLength ?? 0), 0);
}

test('a five-node network of the Deep Compression paper costs less than 250 bytes beside its weights', () => {
  const model = lenet300(packedLeaf);
  expect(writeEspalier(model).length - contentBytes(model)).toBeLessThan(250);
});

test('keeping all names and types costs it less than 60 bytes more', () => {
  const model = lenet300(packedLeaf);
  const all = writeEspalier(model, { names: 'all', types: 'all' });
  expect(all.length - writeEspalier(model).length).toBeLessThan(60);
});

test('a shape of four int64 takes no 32 bytes', () => {
  const withShape = (shape: readonly bigint[]): number => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 3] });
    const target = graph.constant(new Tensor('int64', BigInt64Array.from(shape)));
    graph.addOutput(graph.apply({ op: 'Reshape', inputs: [x, target] }, 'y'));
    return measureEspalier(new Model(graph));
  };
  expect(withShape([1n, -1n, 16n, 16n]) - withShape([1n])).toBeLessThan(8);
});

test('a hundred equal layers cost a few bytes each beside their weights', () => {
  const graph = new Graph();
  let value = graph.addInput('x', { dtype: 'float32', dims: ['N', 64, 28, 28] });
  for (let i = 0; i < 100; i++) {
    const weight = new Tensor('float32', new Float32Array(64 * 64 * 9).fill(i), [64, 64, 3, 3]);
    const attributes = { kernel_shape: { type: 'ints' as const, value: [3, 3] } };
    const inputs = [value, graph.constant(weight, `layers.${i}.weight`)];
    value = graph.apply({ op: 'Conv', attributes, inputs });
    value = graph.apply({ op: 'Relu', inputs: [value] });
  }
  graph.addOutput(value);
  const model = new Model(graph);
  // A checksum and up to seven bytes of padding a weight; the header has what is left.
  expect(measureEspalier(model) - contentBytes(model)).toBeLessThan(100 * (4 + 7 + 12));
});

test('a quarter gigabyte is written and read without a copy more than the file itself', () => {
  const graph = new Graph();
  graph.addOutput(graph.constant(new Tensor('float32', new Float32Array(2 ** 26).fill(0.5)), 'w'));
  const model = new Model(graph);
  const before = process.memoryUsage().arrayBuffers;
  // Deflating the header takes some tables, whatever its length.
  const slack = 2 ** 24;
  const bytes = writeEspalier(model);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bytes.length + slack);
  readEspalier(bytes, { encodings: allKinds });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bytes.length + slack);
  const measured = process.memoryUsage().arrayBuffers;
  expect(measureEspalier(model)).toBe(bytes.length);
  expect(process.memoryUsage().arrayBuffers - measured).toBeLessThan(slack);
});
