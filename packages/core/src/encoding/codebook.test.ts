import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, ShapeError } from '../errors/errors.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import { ByteWriter } from './bytes.js';
import { codebook, codebookKind, indicesInRange } from './codebook.js';
import { dense } from './dense.js';

interface Case {
  readonly dims: readonly number[];
  readonly axis: number | null;
  readonly k: number;
  readonly indices: Uint8Array;
  readonly centroids: Float32Array;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    dims: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    last: fc.constantFrom(1, 3, 1500),
    place: fc.option(fc.nat()),
    k: fc.integer({ min: 1, max: 256 }),
    seed: fc.nat(),
  })
  .map(({ dims, last, place, k, seed }) => {
    const shape = [...dims, last];
    const axis = place === null ? null : place % shape.length;
    const slices = axis === null ? 1 : (shape[axis] ?? 1);
    return {
      dims: shape,
      axis,
      k,
      indices: Uint8Array.from({ length: elementCount(shape) }, (_, i) => (i * 40503 + seed) % k),
      centroids: Float32Array.from({ length: slices * k }, (_, i) => i + 0.5),
    };
  });

/** The slice along `axis` that element i of a row-major tensor lies in. */
function sliceOf(i: number, dims: readonly number[], axis: number | null): number {
  if (axis === null) return 0;
  return Math.floor(i / elementCount(dims.slice(axis + 1))) % (dims[axis] ?? 1);
}

function encode({ dims, axis, k, indices, centroids }: Case): ReturnType<typeof codebook> {
  const shape = axis === null ? [k] : [dims[axis] ?? 0, k];
  const book = dense(new Tensor('float32', centroids, shape));
  return codebook(book, dense(new Tensor('uint8', indices, dims)), axis);
}

describe('a codebook encoding', () => {
  test('decodes each index to its centroid, of its slice where every slice has its own', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { dims, axis, k, indices, centroids } = one;
        const naive = Float32Array.from(
          indices,
          (index, i) => centroids[sliceOf(i, dims, axis) * k + index] ?? Number.NaN,
        );
        const encoding = encode(one);
        expect(encoding.decode().data).toEqual(naive);
        expect(codebookKind.read(sourceOf(encoding)).decode().data).toEqual(naive);
        expect(indicesInRange(encoding)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('reads NaN, not a centroid of another slice, for an index without a centroid', () => {
    for (const inner of [1, 2000]) {
      const book = dense(new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]));
      const indices = new Uint8Array(2 * inner).fill(2);
      const encoding = codebook(book, dense(new Tensor('uint8', indices, [2, inner])), 0);
      expect(new Set(encoding.decode().data)).toEqual(new Set([Number.NaN]));
      expect(indicesInRange(encoding)).toBe(false);
    }
  });

  test('takes the bytes of its parts', () => {
    const encoding = encode({
      dims: [4],
      axis: null,
      k: 2,
      indices: new Uint8Array(4),
      centroids: new Float32Array(2),
    });
    expect(encoding.byteLength).toBe(encoding.params().length + 2 * 4 + 4);
  });

  test('is refused where centroids and indices do not fit each other', () => {
    const floats = (...dims: readonly number[]) =>
      dense(new Tensor('float32', new Float32Array(elementCount(dims)), dims));
    const indices = dense(new Tensor('uint8', new Uint8Array(6), [2, 3]));
    for (const [book, axis] of [
      [floats(0), null],
      [floats(257), null],
      [floats(2, 4), null],
      [floats(2, 4), 1],
      [floats(4), 0],
      [indices, null],
    ] as const) {
      expect(() => codebook(book, indices, axis)).toThrow(ShapeError);
    }
    expect(() => codebook(floats(4), floats(6), null)).toThrow(ShapeError);
  });

  test('is refused by its reader for an axis, a count or a type that there can not be', () => {
    const encoding = encode({
      dims: [4],
      axis: null,
      k: 2,
      indices: new Uint8Array(4),
      centroids: new Float32Array(2),
    });
    const params = (axis: number, k: number): Uint8Array => new ByteWriter().varint(axis).varint(k).finish();
    for (const changes of [
      { params: params(0, 0) },
      { params: params(0, 257) },
      { params: params(0, 2 ** 50) },
      { params: params(2, 2) },
      { params: params(2 ** 50, 2) },
      { params: Uint8Array.of(0) },
      { type: 'float16' as const },
    ]) {
      expect(() => codebookKind.read(sourceOf(encoding, changes))).toThrow(FormatError);
    }
  });
});
