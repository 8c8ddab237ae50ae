import { codebook, dense, type Encoding, gapsOf, packed, sparse, Tensor, toFloat32 } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { clustersOf, withCentroids } from './clusters.js';

const dims = [2, 3];
const codes = packed(new Tensor('uint8', Uint8Array.of(2, 0, 1, 1, 0, 2), dims), 2);
const floats = (values: readonly number[], shape?: readonly number[]): Encoding =>
  dense(new Tensor('float32', Float32Array.from(values), shape));

const places = Uint32Array.of(1, 3, 4);
const gaps = packed(new Tensor('uint8', gapsOf(places, 6, 3)), 2);
const kept = packed(new Tensor('uint8', Uint8Array.of(1, 0, 1)), 1);

const trees: readonly { name: string; tree: Encoding; indices: readonly number[] }[] = [
  { name: 'one codebook', tree: codebook(floats([-1, 2, 3]), codes), indices: [3, 1, 2, 2, 1, 3] },
  { name: 'one with a zero', tree: codebook(floats([-1, 0, 3]), codes), indices: [3, 1, 0, 0, 1, 3] },
  {
    name: 'one for each slice',
    tree: codebook(floats([1, 2, 3, 4, 5, 6], [2, 3]), codes, 0),
    indices: [3, 1, 2, 5, 4, 6],
  },
  {
    name: 'one for each slice of the last axis',
    tree: codebook(floats([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]), codes, 1),
    indices: [3, 4, 8, 2, 4, 9],
  },
  {
    name: 'one below gaps',
    tree: sparse(gaps, codebook(floats([5, 6]), kept), dims, 3),
    indices: [0, 2, 0, 1, 2, 0],
  },
  {
    name: 'one for each slice above gaps',
    tree: codebook(
      floats([0, 6, 0, 7], [2, 2]),
      sparse(gaps, packed(new Tensor('uint8', Uint8Array.of(1, 1, 1)), 1), dims, 3),
      0,
    ),
    indices: [0, 2, 0, 4, 4, 0],
  },
];

describe.each(trees)('clusters of $name', ({ tree, indices }) => {
  test('are the codes, with the zeros apart', () => {
    const clusters = clustersOf(tree);
    expect(Array.from(clusters?.indices ?? [])).toEqual(indices);
    expect(indices.map((index) => clusters?.centroids[index])).toEqual(Array.from(toFloat32(tree.decode())));
  });

  test('take other values, and zeros stay zeros', () => {
    const { centroids = new Float32Array() } = clustersOf(tree) ?? {};
    const trained = centroids.map((value, i) => (i === 0 ? 0 : value + 0.25));
    const changed = withCentroids(tree, trained, { centroids: 'float32' });
    const expected = toFloat32(tree.decode()).map((value) => (value === 0 ? 0 : value + 0.25));
    expect(toFloat32(changed.decode())).toEqual(expected);
    expect(toFloat32(withCentroids(tree, trained, { centroids: 'float16' }).decode())).toEqual(expected);
  });
});

test('a tree without a codebook has no clusters', () => {
  expect(clustersOf(floats([1, 2]))).toBe(null);
});
