import {
  affine,
  cast,
  codebook,
  dense,
  describeEncoding,
  type Encoding,
  elementCount,
  packed,
  quantization,
  Tensor,
  toFloat16Bits,
  toFloat32,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepOnly } from './keep-only.js';

const dims = [4, 3, 5];
const size = elementCount(dims);
const codes = Uint8Array.from({ length: size }, (_, i) => (i * 7) % 5);
const real = Float32Array.from(codes, (code) => code - 2.25);

const trees: Record<string, () => Encoding> = {
  float32: () => dense(new Tensor('float32', real, dims)),
  'cast(source: float16)': () => cast(dense(new Tensor('float16', toFloat16Bits(real), dims))),
  'codebook(centroids: float32, indices: packed)': () =>
    codebook(
      dense(new Tensor('float32', Float32Array.of(-2, 0, 1, 3, 4))),
      packed(new Tensor('uint8', codes, dims), 3),
    ),
  'codebook for each slice, the first centroid zero': () =>
    codebook(
      dense(
        new Tensor(
          'float32',
          Float32Array.from({ length: 20 }, (_, i) => (i % 5) * (1 + i)),
          [4, 5],
        ),
      ),
      packed(new Tensor('uint8', codes, dims), 3),
      0,
    ),
  'codebook for each slice, no centroid zero': () =>
    codebook(
      dense(
        new Tensor(
          'float32',
          Float32Array.from({ length: 20 }, (_, i) => 1 + i),
          [4, 5],
        ),
      ),
      packed(new Tensor('uint8', codes, dims), 3),
      0,
    ),
  'affine for the tensor': () =>
    affine(
      dense(new Tensor('uint8', codes, dims)),
      quantization({ scale: 0.5, zeroPoint: 2, storageType: 'uint8' }),
    ),
  'affine for each slice': () =>
    affine(
      dense(new Tensor('int8', Int8Array.from(codes), dims)),
      quantization({ scale: Float32Array.of(1, 2, 3), axis: 1 }),
    ),
};

/** Places of elements that are not zero, and a random choice among them. */
function placesOf(encoding: Encoding, choice: readonly boolean[]): Uint32Array {
  const values = toFloat32(encoding.decode());
  return Uint32Array.from([...values.keys()].filter((i) => values[i] !== 0 && choice[i]));
}

describe('keeping only some places', () => {
  for (const [name, make] of Object.entries(trees)) {
    test(`of ${name} keeps these values bit for bit and zeroes the rest, twice over`, () => {
      const choices = fc.array(fc.boolean(), { minLength: size, maxLength: size });
      fc.assert(
        fc.property(choices, choices, (first, second) => {
          let encoding = make();
          for (const choice of [first, second]) {
            const before = toFloat32(encoding.decode());
            const places = placesOf(encoding, choice);
            encoding = keepOnly(encoding, places);
            const kept = new Set(places);
            expect(toFloat32(encoding.decode())).toEqual(before.map((value, i) => (kept.has(i) ? value : 0)));
            expect(encoding.dims).toEqual(dims);
          }
        }),
        { numRuns: 50 },
      );
    });
  }

  test.each([
    { tree: 'float32', result: 'sparse(gaps: packed, values: float32)' },
    { tree: 'cast(source: float16)', result: 'cast(source: sparse(gaps: packed, values: float16))' },
    {
      tree: 'codebook(centroids: float32, indices: packed)',
      result: 'sparse(gaps: packed, values: codebook(centroids: float32, indices: packed))',
    },
    {
      tree: 'codebook for each slice, the first centroid zero',
      result: 'codebook(centroids: float32, indices: sparse(gaps: packed, values: packed))',
    },
    { tree: 'codebook for each slice, no centroid zero', result: 'sparse(gaps: packed, values: float32)' },
    { tree: 'affine for the tensor', result: 'sparse(gaps: packed, values: affine(codes: uint8))' },
    { tree: 'affine for each slice', result: 'affine(codes: sparse(gaps: packed, values: int8))' },
  ])('of $tree is held as $result', ({ tree, result }) => {
    expect(describeEncoding(keepOnly((trees[tree] ?? fail)(), Uint32Array.of(1, 10, 29)))).toBe(result);
  });

  test('of floats stays plain where gaps save little', () => {
    const all = Uint32Array.from({ length: size - 1 }, (_, i) => i);
    expect(describeEncoding(keepOnly((trees['float32'] ?? fail)(), all))).toBe('float32');
  });
});

function fail(): never {
  throw new Error('no such tree');
}
