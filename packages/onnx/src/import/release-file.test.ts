import { DenseEncoding, dense, Graph, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { releaseFile } from './release-file.js';

/** A file of 100 bytes, and a graph with `viewed` of them in a constant. */
function graphOf(viewed: number): { graph: Graph; file: Uint8Array } {
  const file = Uint8Array.from({ length: 100 }, (_, i) => i);
  const graph = new Graph();
  graph.constant(dense(new Tensor('uint8', file.subarray(10, 10 + viewed))), 'w');
  return { graph, file };
}

function dataOf(graph: Graph): Uint8Array {
  const encoding = graph.value('w')?.constant;
  if (!(encoding instanceof DenseEncoding)) throw new Error('w is no dense constant');
  return encoding.tensor.data as Uint8Array;
}

test('views of a small part of a file are copied out', () => {
  const { graph, file } = graphOf(50);
  releaseFile(graph, file);
  expect(dataOf(graph).buffer).not.toBe(file.buffer);
  expect(dataOf(graph)).toEqual(file.subarray(10, 60));
});

test('views of most of a file stay views', () => {
  const { graph, file } = graphOf(51);
  releaseFile(graph, file);
  expect(dataOf(graph).buffer).toBe(file.buffer);
});
