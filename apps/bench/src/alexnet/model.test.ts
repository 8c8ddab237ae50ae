import { dense, Graph, Model, packed, sparse, Tensor, toFloat32 } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { streamEntropy } from './entropy.js';
import { laplace } from './laplace.js';

describe('Laplace noise', () => {
  const noise = laplace(200_000, 0.5, 'test');

  test('has the deviation asked for, and a mean of 0', () => {
    const mean = noise.reduce((sum, x) => sum + x, 0) / noise.length;
    const variance = noise.reduce((sum, x) => sum + x * x, 0) / noise.length;
    // Standard errors: 0.5 / sqrt(n) = 0.0011; of the variance, whose kurtosis is 6, 0.25 sqrt(5 / n) = 0.00125.
    expect(Math.abs(mean)).toBeLessThan(5 * 0.0011);
    expect(Math.abs(variance - 0.25)).toBeLessThan(5 * 0.00125);
  });

  test('lies within the scale with probability 1 - 1/e', () => {
    const scale = 0.5 / Math.SQRT2;
    const inside = noise.filter((x) => Math.abs(x) < scale).length / noise.length;
    expect(Math.abs(inside - (1 - 1 / Math.E))).toBeLessThan(5 * 0.0011);
  });

  test('is the same for the same seed', () => {
    expect(laplace(10, 1, 3)).toEqual(laplace(10, 1, 3));
    expect(laplace(10, 1, 3)).not.toEqual(laplace(10, 1, 4));
  });
});

test('the entropy of streams counts bytes only, each stream by itself', () => {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [1, 8] });
  // Gaps: four symbols as frequent each, 2 bits; 64 of them take 16 bytes. Floats are no stream.
  const gaps = new Tensor(
    'uint8',
    Uint8Array.from({ length: 64 }, (_, i) => i % 4),
  );
  const values = dense(new Tensor('float32', new Float32Array(64).fill(1)));
  const weight = sparse(packed(gaps, 2), values, [8, 20], 15);
  const w = graph.constant(weight, 'w');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y'));
  const entropy = streamEntropy(new Model(graph));
  expect(toFloat32(weight.decode()).length).toBe(160);
  expect(entropy).toEqual({ entropyBytes: 16, codedBytes: 17, otherBytes: weight.byteLength - 17 });
});
