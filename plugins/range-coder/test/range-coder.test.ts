import {
  affine,
  Compressor,
  codebook,
  createRandom,
  dense,
  describeEncoding,
  ENCODING,
  type Encoding,
  Graph,
  gapsOf,
  Model,
  packed,
  quantization,
  resolveAll,
  sparse,
  Tensor,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { rangeCoded, rangeCoder } from '../src/index.js';

/** y = MatMul(x, w) with the given weight of shape [64, 64]. */
function modelOf(encoding: Encoding): Model {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [1, 64] });
  const w = graph.constant(encoding, 'w');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y', { dtype: 'float32', dims: [1, 64] }));
  return new Model(graph);
}

const dims = [64, 64];
const noise = createRandom(1);
const random = (): number => noise.next();
/** Small symbols are far more frequent than large ones. */
const skewed = Uint8Array.from({ length: 4096 }, () => Math.floor(31 * random() ** 4));
const flat = Uint8Array.from({ length: 4096 }, () => Math.floor(256 * random()));
const centroids = Float32Array.from({ length: 32 }, (_, i) => Math.fround((i - 16.5) / 7));
/** A quarter of the places in half the columns, none in the others. */
const places = Uint32Array.from({ length: 4096 }, (_, i) => i).filter(
  (i) => (7 * (i % 64)) % 11 < 5 && random() < 0.25,
);
const gaps = gapsOf(places, 4096, 15);
const shared = codebook(
  dense(new Tensor('float32', centroids)),
  packed(new Tensor('uint8', skewed, dims), 5),
);
const pruned = sparse(
  packed(new Tensor('uint8', gaps), 4),
  codebook(
    dense(new Tensor('float32', centroids)),
    packed(new Tensor('uint8', skewed.slice(0, places.length)), 5),
  ),
  dims,
  15,
);

const compressor = new Compressor({ plugins: [rangeCoder] });

describe('range-coder', () => {
  test.each([
    { tree: shared, result: 'codebook(centroids: range-coder, indices: range-coder)', streams: 2 },
    {
      tree: affine(dense(new Tensor('int8', Int8Array.from(skewed), dims)), quantization({ scale: 0.1 })),
      result: 'affine(codes: range-coder)',
      streams: 1,
    },
    {
      tree: pruned,
      result: 'sparse(gaps: range-coder, values: codebook(centroids: range-coder, indices: range-coder))',
      streams: 3,
    },
  ])('makes $result and changes no weight', async ({ tree, result, streams }) => {
    const { model, report } = await compressor.run(modelOf(tree), [rangeCoder()]);
    const weight = model.weights()[0];
    expect(describeEncoding(weight?.encoding ?? tree)).toBe(result);
    expect(weight?.decode()).toEqual(tree.decode());
    expect(weight?.encoding.byteLength).toBeLessThan(tree.byteLength);
    expect(report.passes[0]?.statistics).toEqual({
      'streams.coded': streams,
      'bytes.saved': tree.byteLength - (weight?.encoding.byteLength ?? 0),
    });
  });

  test('codes positions as a map where columns differ', async () => {
    const { model } = await compressor.run(modelOf(pruned), [rangeCoder()]);
    const coded = model.weights()[0]?.encoding.children['gaps'];
    expect([3, 4]).toContain(coded?.params()[0]);
    expect(coded?.byteLength).toBeLessThan(0.95 * rangeCoded(new Tensor('uint8', gaps)).byteLength);
  });

  test('puts a codebook in order, and drops what no weight has', async () => {
    const order = Uint8Array.from({ length: 32 }, (_, i) => (i * 13) % 32);
    const shuffled = Float32Array.from({ length: 40 }, () => 99);
    for (const [i, at] of order.entries()) shuffled[at] = centroids[i] ?? 0;
    const tree = codebook(
      dense(new Tensor('float32', shuffled)),
      packed(
        new Tensor(
          'uint8',
          skewed.map((symbol) => order[symbol] ?? 0),
          dims,
        ),
        6,
      ),
    );
    const { model } = await compressor.run(modelOf(tree), [rangeCoder()]);
    const { model: plain } = await compressor.run(modelOf(shared), [rangeCoder()]);
    const encoding = model.weights()[0]?.encoding;
    expect(encoding?.decode()).toEqual(shared.decode());
    expect(encoding?.byteLength).toBeLessThanOrEqual(plain.weights()[0]?.encoding.byteLength ?? 0);
  });

  test('leaves floats as they are where asked', async () => {
    const { model } = await compressor.run(modelOf(shared), [rangeCoder({ floats: false })]);
    expect(describeEncoding(model.weights()[0]?.encoding ?? shared)).toBe(
      'codebook(centroids: float32, indices: range-coder)',
    );
  });

  test('leaves flat codes alone', async () => {
    const tree = affine(
      dense(new Tensor('uint8', flat, dims)),
      quantization({ scale: 1, storageType: 'uint8' }),
    );
    const { report } = await compressor.run(modelOf(tree), [rangeCoder()]);
    expect(report.passes[0]?.modified).toBe(false);
  });

  test('keeps gaps that end sooner than ours would as gaps', async () => {
    // A skip symbol less at the end than `gapsOf` writes: a map would give it back.
    const short = gapsOf(places.subarray(0, 8), 4096, 255);
    const values = dense(new Tensor('float32', new Float32Array(8).fill(1)));
    const tree = sparse(dense(new Tensor('uint8', short.subarray(0, short.length - 1))), values, dims, 255);
    const { model } = await compressor.run(modelOf(tree), [rangeCoder()]);
    expect(model.weights()[0]?.decode()).toEqual(tree.decode());
  });

  test('changes nothing the second time', async () => {
    const once = await compressor.run(modelOf(pruned), [rangeCoder()]);
    const again = await compressor.run(once.model, [rangeCoder()]);
    expect(once.report.passes[0]?.modified).toBe(true);
    expect(again.report.passes[0]?.modified).toBe(false);
  });

  test('registers its encoding, so that files with it can be read', () => {
    const kinds = resolveAll(compressor.container, ENCODING).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'range-coder')).toHaveLength(1);
  });
});
