import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, UnsupportedError } from '../errors/errors.js';
import { bytesPerElement, dataTypes, fromBytes, toBytes } from '../tensor/data-type.js';
import { float16ToFloat32 } from '../tensor/float16.js';
import { Tensor } from '../tensor/tensor.js';
import { cast, castKind } from './cast.js';
import { codebook } from './codebook.js';
import { dense, denseKind } from './dense.js';
import { describeEncoding, mapEncoding, walkEncoding } from './encoding.js';

describe('a dense encoding', () => {
  test('keeps every bit of every type, read from bytes at any offset', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...dataTypes),
        fc.uint8Array({ minLength: 24, maxLength: 24 }),
        fc.nat({ max: 7 }),
        (type, bytes, shift) => {
          const tensor = new Tensor(type, fromBytes(type, bytes), [24 / bytesPerElement(type)]);
          const encoding = dense(tensor);
          expect(encoding.byteLength).toBe(24);
          const payload = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
          const back = denseKind.read(sourceOf(encoding, { payload }));
          expect(toBytes(back.decode().data).join()).toBe(bytes.join());
        },
      ),
    );
  });

  test('is refused by its reader where the bytes are not those of its shape', () => {
    const encoding = dense(new Tensor('float32', new Float32Array(6), [2, 3]));
    for (const changes of [
      { dims: [7] },
      { dims: [2 ** 20, 2 ** 20] },
      { dims: [2 ** 40] },
      { type: 'float64' as const },
      { payload: new Uint8Array(23) },
    ]) {
      expect(() => denseKind.read(sourceOf(encoding, changes))).toThrow(FormatError);
    }
  });
});

describe('a cast encoding', () => {
  test('decodes float16 to the same numbers in float32, and is read back', () => {
    const bits = Uint16Array.from({ length: 1000 }, (_, i) => i * 61);
    const encoding = cast(dense(new Tensor('float16', bits)));
    expect(encoding.decode().data).toEqual(float16ToFloat32(bits));
    expect(encoding.byteLength).toBe(2000);
    expect(castKind.read(sourceOf(encoding)).decode().data).toEqual(float16ToFloat32(bits));
  });

  test('holds nothing but float16, and gives nothing but float32', () => {
    const encoding = cast(dense(new Tensor('float16', new Uint16Array(1))));
    expect(() => cast(dense(new Tensor('int8', new Int8Array(1))))).toThrow(UnsupportedError);
    expect(() => castKind.read(sourceOf(encoding, { type: 'float64' }))).toThrow(FormatError);
  });
});

describe('a tree of encodings', () => {
  const indices = dense(new Tensor('uint8', Uint8Array.of(0, 1)));
  const tree = codebook(dense(new Tensor('float32', Float32Array.of(1, 2))), indices);

  test('is described by slots, and walked parents first', () => {
    expect(describeEncoding(tree)).toBe('codebook(centroids: float32, indices: uint8)');
    expect([...walkEncoding(tree)].map(({ path }) => path.join('.'))).toEqual(['', 'centroids', 'indices']);
  });

  test('is the same object where nothing is changed, and another where a leaf is', () => {
    expect(mapEncoding(tree, (encoding) => encoding)).toBe(tree);
    const other = dense(new Tensor('uint8', Uint8Array.of(1, 0)));
    const changed = mapEncoding(tree, (encoding) => (encoding === indices ? other : encoding));
    expect(changed.decode().data).toEqual(Float32Array.of(2, 1));
    expect(tree.decode().data).toEqual(Float32Array.of(1, 2));
  });
});
