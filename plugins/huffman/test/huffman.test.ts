import {
  affine,
  Compressor,
  codebook,
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
  type SparseEncoding,
  sparse,
  Tensor,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HuffmanEncoding, huffman } from '../src/index.js';

/** y = MatMul(x, w) with the given weight of shape [64, 64]. */
function modelOf(encoding: Encoding): Model {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [1, 64] });
  const w = graph.constant(encoding, 'w');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y', { dtype: 'float32', dims: [1, 64] }));
  return new Model(graph);
}

const dims = [64, 64];
/** Small symbols are far more frequent than large ones. */
const skewed = Uint8Array.from({ length: 4096 }, (_, i) => Math.floor(31 * ((i * 0.618034) % 1) ** 4));
const flat = Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256);
const centroids = dense(
  new Tensor(
    'float32',
    Float32Array.from({ length: 32 }, (_, i) => i / 8 - 2),
  ),
);
const shared = codebook(centroids, packed(new Tensor('uint8', skewed, dims), 5));

const compressor = new Compressor({ plugins: [huffman] });

describe('huffman', () => {
  test.each([
    { tree: shared, result: 'codebook(centroids: float32, indices: huffman)' },
    {
      tree: affine(dense(new Tensor('int8', Int8Array.from(skewed), dims)), quantization({ scale: 0.1 })),
      result: 'affine(codes: huffman)',
    },
    {
      // All kept: 4096 gaps of 0 are one bit each either way, and packing needs no table.
      tree: sparse(
        packed(new Tensor('uint8', new Uint8Array(4096)), 1),
        codebook(centroids, packed(new Tensor('uint8', skewed), 5)),
        dims,
        1,
      ),
      result: 'sparse(gaps: packed, values: codebook(centroids: float32, indices: huffman))',
    },
  ])('makes $result and changes no weight', async ({ tree, result }) => {
    const before = modelOf(tree);
    const { model, report } = await compressor.run(before, [huffman()]);
    const weight = model.weights()[0];
    expect(describeEncoding(weight?.encoding ?? tree)).toBe(result);
    expect(weight?.decode()).toEqual(tree.decode());
    expect(weight?.encoding.byteLength).toBeLessThan(tree.byteLength);
    expect(report.passes[0]?.statistics).toEqual({
      'streams.coded': 1,
      'bytes.saved': tree.byteLength - (weight?.encoding.byteLength ?? 0),
    });
  });

  test.each([
    {
      what: 'flat codes',
      tree: affine(dense(new Tensor('uint8', flat, dims)), quantization({ scale: 1, storageType: 'uint8' })),
    },
    { what: 'floats', tree: dense(new Tensor('float32', new Float32Array(4096), dims)) },
  ])('leaves $what alone', async ({ tree }) => {
    const { report } = await compressor.run(modelOf(tree), [huffman()]);
    expect(report.passes[0]?.modified).toBe(false);
  });

  test('codes each stream with its table only where that pays', async () => {
    const streams = fc.record({
      kept: fc.integer({ min: 1, max: 400 }),
      step: fc.integer({ min: 1, max: 9 }),
      spread: fc.integer({ min: 1, max: 31 }),
    });
    await fc.assert(
      fc.asyncProperty(streams, async ({ kept, step, spread }) => {
        const places = Uint32Array.from({ length: kept }, (_, i) => i * step + ((i * i) % step));
        const gaps = packed(new Tensor('uint8', gapsOf(places, 4096, 15)), 4);
        const indices = Uint8Array.from(places, (place) => (place * 7919) % spread);
        const tree = sparse(gaps, codebook(centroids, packed(new Tensor('uint8', indices), 5)), dims, 15);
        const { model } = await compressor.run(modelOf(tree), [huffman()]);
        const after = model.weights()[0]?.encoding as SparseEncoding;
        const pairs = [
          [tree.children.gaps, after.children.gaps],
          [tree.children.values.children['indices'], after.children.values.children['indices']],
        ] as const;
        for (const [was, now] of pairs) {
          if (now?.kind === 'huffman') expect(now.byteLength).toBeLessThan(was?.byteLength ?? 0);
          else expect(now).toBe(was);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('changes nothing the second time', async () => {
    const once = await compressor.run(modelOf(shared), [huffman()]);
    const again = await compressor.run(once.model, [huffman()]);
    expect(once.report.passes[0]?.modified).toBe(true);
    expect(again.report.passes[0]?.modified).toBe(false);
  });

  test('keeps codes within maxBits', async () => {
    const { model } = await compressor.run(modelOf(shared), [huffman({ maxBits: 8 })]);
    const { model: longer } = await compressor.run(modelOf(shared), [huffman()]);
    const bytes = (of: Model): number => of.weights()[0]?.encoding.byteLength ?? 0;
    expect(model.weights()[0]?.decode()).toEqual(shared.decode());
    expect(bytes(model)).toBeGreaterThanOrEqual(bytes(longer));
    expect(() => huffman({ maxBits: 16 })).toThrow(/maxBits/);
  });

  test('registers its encoding, so that files with it can be read', () => {
    const kinds = resolveAll(compressor.container, ENCODING).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'huffman')).toEqual([
      new HuffmanEncoding(new Uint8Array(), 'uint8', []).kind,
    ]);
  });
});
