import { type Batch, type Dataset, memoryDataset, Tensor } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSamples } from '../src/data/samples.js';
import { collectSamples } from '../src/index.js';

/** As bits: -0 and NaN too are to come back as they were. */
function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

async function collected(values: Float32Array, dims: readonly number[]) {
  const count = values.length / dims.reduce((a, b) => a * b, 1);
  const samples = await collectSamples(
    memoryDataset('some', { x: new Tensor('float32', values, [count, ...dims]) }),
  );
  const array = samples.inputs['x'];
  if (array === undefined) throw new Error('There is an input.');
  const back = new Float32Array(values.length);
  // From the last sample to the first, and then turned back.
  const order = Uint32Array.from({ length: count }, (_, i) => count - 1 - i);
  readSamples(array, order, back);
  const size = values.length / count;
  const restored = Float32Array.from(
    back,
    (_, i) => back[(count - 1 - Math.floor(i / size)) * size + (i % size)] ?? 0,
  );
  return { array, restored };
}

describe('samples that are collected', () => {
  const shapes = fc.record({
    dims: fc.constantFrom<number[]>([7], [3, 2, 2], [5, 2, 3], [1, 4, 4]),
    count: fc.integer({ min: 1, max: 600 }),
    /** Different values there may be, in each channel. */
    different: fc.integer({ min: 1, max: 400 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });

  test('give the floats they were, bit for bit, and take a byte each where a byte is enough', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ dims, count, different, seed }) => {
        const size = dims.reduce((a, b) => a * b, 1);
        const special = [-0, Number.NaN, Number.POSITIVE_INFINITY, 0];
        const values = Float32Array.from({ length: count * size }, (_, i) => {
          const which = Math.imul(i + seed, 0x9e3779b1) >>> 0;
          const value = which % different;
          return special[value] ?? (value - 100) / 255;
        });
        const { array, restored } = await collected(values, dims);
        expect(bitsOf(restored)).toEqual(bitsOf(values));
        if (different <= 256) expect(array.data).toBeInstanceOf(Uint8Array);
        else if (dims.length === 1 && count * size > 4000) expect(array.data).toBeInstanceOf(Float32Array);
      }),
      { numRuns: 60 },
    );
  });

  test('of pictures that were normalized by channel take a byte each', async () => {
    const pixels = 256 * 4;
    const values = Float32Array.from({ length: 3 * pixels }, (_, i) => {
      const channel = Math.floor(i / pixels);
      return ((i % 256) / 255 - 0.1 * channel) / (0.2 + 0.01 * channel);
    });
    const { array, restored } = await collected(values, [3, 32, 32]);
    expect(array.data).toBeInstanceOf(Uint8Array);
    expect(array.values).toHaveLength(3 * 256);
    expect(restored).toEqual(values);
  });

  test('in batches of unlike shapes, or too many of them, are refused', async () => {
    const batch = (dims: readonly number[]): Batch => ({
      feeds: { x: new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims) },
      count: dims[0] ?? 0,
    });
    const dataset = (...batches: readonly Batch[]): Dataset => ({
      name: 'odd',
      count: 3,
      labelled: false,
      async *batches() {
        yield* batches;
      },
    });
    await expect(collectSamples(dataset(batch([2, 4]), batch([1, 5])))).rejects.toThrow(
      /others have samples of \[4\]/,
    );
    await expect(collectSamples(dataset(batch([2, 4]), batch([2, 4])))).rejects.toThrow(/shape \[2, 4\]/);
    await expect(collectSamples(dataset(batch([2, 4])))).rejects.toThrow(/gave 2 samples, and says it has 3/);
  });
});
