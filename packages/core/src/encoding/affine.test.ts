import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, ShapeError } from '../errors/errors.js';
import { quantization, sameQuantization } from '../ir/value-type.js';
import { allocate, dataTypes, type IntegerType, integerRange } from '../tensor/data-type.js';
import { elementCount, Tensor, toNumbers } from '../tensor/tensor.js';
import { type AffineEncoding, affine, affineKind } from './affine.js';
import { ByteWriter } from './bytes.js';
import { dense } from './dense.js';

const storageTypes: readonly IntegerType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];

const cases: fc.Arbitrary<AffineEncoding> = fc
  .record({
    storageType: fc.constantFrom(...storageTypes),
    dims: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    place: fc.option(fc.nat()),
    seed: fc.nat(),
    symmetric: fc.boolean(),
  })
  .map(({ storageType, dims, place, seed, symmetric }) => {
    const { min, max } = integerRange(storageType);
    const codes = allocate(storageType, elementCount(dims));
    for (let i = 0; i < codes.length; i++) codes[i] = min + ((i * 2654435761 + seed) % (max - min + 1));
    const axis = place === null ? null : place % dims.length;
    const count = axis === null ? 1 : (dims[axis] ?? 1);
    const middle = Math.min(Math.floor((min + max + 1) / 2), 2 ** 31 - 1);
    return affine(
      dense(new Tensor(storageType, codes, dims)),
      quantization({
        scale: Float32Array.from({ length: count }, (_, i) => 2 ** -(i + 3) * 1.1),
        zeroPoint: new Int32Array(count).fill(symmetric ? 0 : middle),
        axis,
        storageType,
      }),
    );
  });

function sliceOf(i: number, dims: readonly number[], axis: number | null): number {
  if (axis === null) return 0;
  return Math.floor(i / elementCount(dims.slice(axis + 1))) % (dims[axis] ?? 1);
}

describe('an affine encoding', () => {
  test('decodes to scale * (code - zero point) of the slice, rounded to float32 once', () => {
    fc.assert(
      fc.property(cases, (encoding) => {
        const { scale, zeroPoint, axis } = encoding.quantization;
        const codes = toNumbers(encoding.children.codes.decode());
        const naive = Float32Array.from(codes, (code, i) => {
          const slice = sliceOf(i, encoding.dims, axis);
          return (scale[slice] ?? 0) * (code - (zeroPoint[slice] ?? 0));
        });
        expect(encoding.decode().data).toEqual(naive);
      }),
    );
  });

  test('is read back with its parameters, from bytes at any offset', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 3 }), (encoding, shift) => {
        const payload = Buffer.concat([Buffer.alloc(shift), encoding.payload()]).subarray(shift);
        const back = affineKind.read(sourceOf(encoding, { payload })) as AffineEncoding; // what it reads
        expect(sameQuantization(back.quantization, encoding.quantization)).toBe(true);
        expect(back.decode().data).toEqual(encoding.decode().data);
        const parts = encoding.params().length + encoding.payload().length;
        expect(encoding.byteLength).toBe(parts + encoding.children.codes.byteLength);
      }),
    );
  });

  test('is refused where there is not one scale a slice, or codes are of another type', () => {
    const codes = dense(new Tensor('int8', new Int8Array(6), [2, 3]));
    const three = quantization({ scale: Float32Array.of(1, 1, 1), axis: 0 });
    expect(() => affine(codes, three)).toThrow(ShapeError);
    expect(() => affine(codes, quantization({ scale: 1, storageType: 'uint8' }))).toThrow(ShapeError);
  });

  test('is refused by its reader for parameters that do not fit', () => {
    const codes = dense(new Tensor('int8', new Int8Array(2), [2]));
    const encoding = affine(codes, quantization({ scale: 1, zeroPoint: 3 }));
    const int8 = dataTypes.indexOf('int8') * 2;
    const params = (head: number, ...numbers: readonly number[]): Uint8Array => {
      const writer = new ByteWriter().u8(head);
      for (const number of numbers) writer.varint(number);
      return writer.finish();
    };
    const scales = (...values: readonly number[]): Uint8Array =>
      new Uint8Array(Float32Array.from(values).buffer);
    for (const changes of [
      { params: params(int8, 0, 2, 0, 0) },
      { params: params(int8, 0, 0) },
      { params: params(int8, 2, 1, 0) },
      { params: params(int8, 9, 1, 0) },
      { params: params(int8, 0, 1) },
      { params: params(int8, 0, 2 ** 40) },
      { params: params(int8, 0, 1, 256) }, // a zero point of 128
      { params: params(int8, 0, 1, 2 ** 33) }, // 2^32, which is 0 in 32 bits
      { params: params(0, 0, 1, 0) }, // codes of float32
      { params: params(255, 0, 1, 0) },
      { params: new Uint8Array() },
      { payload: scales() },
      { payload: scales(1, 1) },
      { payload: scales(0) },
      { payload: scales(-1) },
      { payload: scales(Number.NaN) },
      { payload: scales(Infinity) },
      { type: 'float16' as const },
    ]) {
      expect(() => affineKind.read(sourceOf(encoding, changes)), JSON.stringify(changes)).toThrow(
        FormatError,
      );
    }
  });

  test('of no slices is refused by its reader: there is no such quantization', () => {
    const codes = dense(new Tensor('int8', new Int8Array(2), [2]));
    const source = sourceOf(affine(codes, quantization({ scale: 1 })), {
      dims: [0],
      params: new ByteWriter()
        .u8(dataTypes.indexOf('int8') * 2 + 1)
        .varint(1)
        .varint(0)
        .finish(),
      payload: new Uint8Array(),
    });
    expect(() => affineKind.read(source)).toThrow(FormatError);
  });
});
