import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Layout } from '../memory/layout.js';
import { alignedDims, broadcastDims, pairCalls, writeRepeated } from './broadcast.js';

/** The element of a row-major or channels-last array at a logical place. */
function indexOf(place: readonly number[], dims: readonly number[], layout: Layout): number {
  const order = dims.map((_, axis) => axis);
  if (layout === 'channels-last' && dims.length > 2) order.push(...order.splice(1, 1));
  return order.reduce(
    (index, axis) => index * (dims[axis] ?? 1) + (dims[axis] === 1 ? 0 : (place[axis] ?? 0)),
    0,
  );
}

function places(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (found, size) => found.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

describe('broadcasting', () => {
  test('pairs each element with the one that ONNX pairs it with, in both layouts', () => {
    const axes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), repeated: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(axes, fc.constantFrom<Layout>('row-major', 'channels-last'), (shape, layout) => {
        const dims = shape.map(({ size }) => size);
        const bDims = shape.map(({ size, repeated }) => (repeated ? 1 : size));
        const size = dims.reduce((a, b) => a * b, 1);
        const b = Float32Array.from({ length: bDims.reduce((a, c) => a * c, 1) }, (_, i) => i);
        const full = new Float32Array(size).fill(-1);
        writeRepeated(b, full, pairCalls(dims, bDims, layout));
        for (const place of places(dims)) {
          expect(full[indexOf(place, dims, layout)]).toBe(b[indexOf(place, bDims, layout)]);
        }
      }),
    );
  });

  test.each([
    { a: [2, 3], b: [3], dims: [2, 3] },
    { a: [2, 1], b: [3], dims: [2, 3] },
    { a: [], b: [4, 0], dims: [4, 0] },
    { a: [2], b: [3], dims: null },
  ])('$a with $b is $dims', ({ a, b, dims }) => {
    expect(broadcastDims(a, b)).toEqual(dims);
    expect(alignedDims(b, 3)).toHaveLength(3);
  });
});
