import {
  Compressor,
  dense,
  describeEncoding,
  type Feeds,
  Graph,
  Model,
  ModelError,
  PassError,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { prune } from '../src/index.js';

/** A chain of MatMul layers with the given square weights. */
function chain(...layers: readonly Float32Array[]): Model {
  const graph = new Graph('chain');
  const size = Math.sqrt(layers[0]?.length ?? 0);
  let value = graph.addInput('x', { dtype: 'float32', dims: [1, size] });
  for (const [i, data] of layers.entries()) {
    const weight = graph.constant(new Tensor('float32', data, [size, size]), `w${i}`);
    value = graph.apply({ op: 'MatMul', name: `layer${i}`, inputs: [value, weight] }, `y${i}`, {
      dtype: 'float32',
      dims: [1, size],
    });
  }
  graph.addOutput(value);
  return new Model(graph);
}

/** Weights of alternating sign and rising magnitude. */
function ramp(size: number, scale = 1): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1) * scale);
}

const compressor = new Compressor({ plugins: [prune] });

async function pruned(
  model: Model,
  options: Parameters<typeof prune>[0],
): Promise<{ model: Model; zeroed: number }> {
  const result = await compressor.run(model, [prune(options)]);
  return { model: result.model, zeroed: result.report.passes[0]?.statistics['weights.zeroed'] ?? 0 };
}

function valuesOf(model: Model): Feeds[string]['data'][] {
  return model.weights().map((weight) => weight.decode().data);
}

function keptIn(model: Model): number[] {
  return model.weights().map((weight) => toFloat32(weight.decode()).filter((value) => value !== 0).length);
}

describe('prune by density', () => {
  test('keeps the exact share of each layer, the largest magnitudes', async () => {
    const { model, zeroed } = await pruned(chain(ramp(10), ramp(10, 0.01)), { density: 0.11 });
    expect(keptIn(model)).toEqual([11, 11]);
    expect(zeroed).toBe(178);
    const kept = ramp(10).map((value) => (Math.abs(value) > 89 ? value : 0));
    expect(valuesOf(model)[0]).toEqual(kept);
  });

  test('takes a density for each operator and each layer', async () => {
    const layers = chain(ramp(10), ramp(10), ramp(10));
    const { model } = await pruned(layers, { density: { MatMul: 0.25, w1: 0.1, w2: 1 } });
    expect(keptIn(model)).toEqual([25, 10, 100]);
  });

  test('ranks all layers together where the scope is global, and leaves those of density 1 out', async () => {
    const layers = chain(ramp(10), ramp(10, 0.001), ramp(10, 1e-6));
    const { model } = await pruned(layers, { density: { default: 0.2, w2: 1 }, scope: 'global' });
    expect(keptIn(model)).toEqual([40, 0, 100]);
  });

  test('leaves the caller its model, and changes nothing the second time', async () => {
    const original = chain(ramp(10));
    const once = await pruned(original, { density: 0.3 });
    expect(valuesOf(original)[0]).toEqual(ramp(10));
    const again = await compressor.run(once.model, [prune({ density: 0.3 })]);
    expect(again.report.passes[0]?.modified).toBe(false);
  });

  test('stores zeros that were there before in fewer bytes', async () => {
    const zeros = ramp(10).map((value, i) => (i % 10 === 0 ? value : 0));
    const { model, zeroed } = await pruned(chain(zeros), { density: 0.5 });
    expect(zeroed).toBe(0);
    expect(model.weights().map((weight) => describeEncoding(weight.encoding))).toEqual([
      'sparse(gaps: packed, values: float32)',
    ]);
  });

  test('halves a file of halved weights nearly: 1 bit a weight says which are kept', async () => {
    const weights = Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i * i) + 2);
    const { model } = await pruned(chain(weights), { density: 0.5 });
    // 512 floats and 1024 bits; 16 bytes for counts.
    expect(model.weights()[0]?.encoding.byteLength).toBeLessThanOrEqual(512 * 4 + 1024 / 8 + 16);
  });
});

describe('prune by deviation', () => {
  test('keeps magnitudes of at least quality x standard deviation', async () => {
    const uniform = Float32Array.from({ length: 100 }, (_, i) => (i - 49.5) / 10);
    // The deviation of n evenly spaced numbers is spacing * sqrt((n^2 - 1) / 12): 2.886607...
    const { model } = await pruned(chain(uniform), { by: 'deviation', quality: 1 });
    expect(valuesOf(model)[0]).toEqual(uniform.map((value) => (Math.abs(value) >= 2.886607 ? value : 0)));
  });

  test('changes nothing the second time', async () => {
    const once = await pruned(chain(ramp(8)), { by: 'deviation', quality: 0.7 });
    const again = await compressor.run(once.model, [prune({ by: 'deviation', quality: 0.7 })]);
    expect(once.zeroed).toBeGreaterThan(0);
    expect(again.report.passes[0]?.modified).toBe(false);
  });

  test('leaves layers of quality 0 alone', async () => {
    const { model } = await pruned(chain(ramp(4), ramp(4)), { by: 'deviation', quality: { w0: 0, w1: 1 } });
    expect(keptIn(model)[0]).toBe(16);
    expect(keptIn(model)[1]).toBeLessThan(16);
  });
});

test('a NaN is refused with its place, and nothing is changed', async () => {
  const weights = ramp(4);
  weights[6] = NaN;
  const model = chain(ramp(4), weights);
  const run = compressor.run(model, [prune()]);
  await expect(run).rejects.toThrow(PassError);
  await expect(run).rejects.toThrow(/"w1" is NaN at element \[1, 2\]/);
  await expect(run).rejects.toMatchObject({ cause: expect.any(ModelError) });
});

test('empty, constant and single weights are pruned without harm', async () => {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [1, 0] });
  const w = graph.constant(dense(new Tensor('float32', new Float32Array(0), [0, 3])), 'w');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y', { dtype: 'float32', dims: [1, 3] }));
  expect((await pruned(new Model(graph), { density: 0.1 })).zeroed).toBe(0);
  expect(keptIn((await pruned(chain(new Float32Array(16).fill(-3)), { density: 0.25 })).model)).toEqual([4]);
  expect(keptIn((await pruned(chain(Float32Array.of(2)), { density: 0.5 })).model)).toEqual([1]);
});
