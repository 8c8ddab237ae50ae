import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, ShapeError } from '../errors/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { ByteWriter } from './bytes.js';
import { dense } from './dense.js';
import { gapsOf, positionsOf, sparse, sparseKind } from './sparse.js';

const bytes = (values: readonly number[]): Tensor<'uint8'> => new Tensor('uint8', Uint8Array.from(values));

/** Mostly zeros, of any length, with a skip symbol. */
const cases = fc.tuple(
  fc.array(
    fc.oneof({ arbitrary: fc.constant(0), weight: 5 }, { arbitrary: fc.float({ noNaN: true }), weight: 1 }),
    {
      maxLength: 300,
    },
  ),
  fc.integer({ min: 1, max: 255 }),
);

function encode(values: readonly number[], skip: number): ReturnType<typeof sparse> {
  const positions = Uint32Array.from(values.keys()).filter((i) => values[i] !== 0);
  const kept = Float32Array.from(positions, (position) => values[position] ?? 0);
  const gaps = gapsOf(positions, values.length, skip);
  return sparse(dense(new Tensor('uint8', gaps)), dense(new Tensor('float32', kept)), [values.length], skip);
}

describe('a sparse encoding', () => {
  test('decodes to the values it was made of, and is read back', () => {
    fc.assert(
      fc.property(cases, ([values, skip]) => {
        const full = Float32Array.from(values, (value) => (value === 0 ? 0 : value));
        const encoding = encode(values, skip);
        expect(encoding.decode().data).toEqual(full);
        expect(sparseKind.read(sourceOf(encoding)).decode().data).toEqual(full);
        const parts = encoding.params().length + encoding.children.gaps.byteLength;
        expect(encoding.byteLength).toBe(parts + encoding.children.values.byteLength);
      }),
    );
  });

  test('keeps the element type of its values: int64', () => {
    const values = dense(new Tensor('int64', BigInt64Array.of(5n, -1n)));
    const encoding = sparse(dense(bytes([1, 0])), values, [2, 2], 255);
    expect(encoding.decode().data).toEqual(BigInt64Array.of(0n, 5n, -1n, 0n));
  });

  test('refuses gaps that are no list of bytes, and a skip symbol that is no byte', () => {
    const floats = dense(new Tensor('float32', new Float32Array(1)));
    expect(() => sparse(floats, floats, [1], 1)).toThrow(ShapeError);
    for (const skip of [0, 256])
      expect(() => sparse(dense(bytes([0])), floats, [1], skip)).toThrow(ShapeError);
  });

  test('is refused when it is decoded, where gaps lead past its end or keep another number of values', () => {
    const values = dense(new Tensor('float32', Float32Array.of(1, 2)));
    for (const gaps of [[0, 9], [0], [0, 0, 0]]) {
      expect(() => sparse(dense(bytes(gaps)), values, [3], 255).decode(), `${gaps}`).toThrow(FormatError);
    }
  });

  test('is refused by its reader where its shape claims more than its gaps pass over, or less', () => {
    const encoding = encode([0, 0, 3, 0, 0, 0, 4], 3);
    for (const dims of [[2 ** 20, 2 ** 20], [64], [1], []]) {
      expect(() => sparseKind.read(sourceOf(encoding, { dims })), `[${dims}]`).toThrow(FormatError);
    }
    const params = (...numbers: readonly number[]): Uint8Array => {
      const writer = new ByteWriter();
      for (const number of numbers) writer.varint(number);
      return writer.finish();
    };
    for (const bad of [
      params(),
      params(8, 0, 3),
      params(2, 2 ** 40, 3),
      params(2, 2, 0),
      params(2 ** 50, 0, 255),
    ]) {
      expect(() => sparseKind.read(sourceOf(encoding, { params: bad })), `${bad}`).toThrow(FormatError);
    }
  });
});

describe('gaps', () => {
  test('of positions 2 and 6 among 12 with skip 3 are 2, skip, 0, skip', () => {
    // Two zeros and a value; three zeros and no value, no zero and a value; of five zeros left, three.
    expect(gapsOf(Uint32Array.of(2, 6), 12, 3)).toEqual(Uint8Array.of(2, 3, 0, 3));
  });

  test('give their positions back', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 2000 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 255 }),
        (places, skip) => {
          const positions = Uint32Array.from(places).sort();
          expect(positionsOf(gapsOf(positions, 2001, skip), skip)).toEqual(positions);
        },
      ),
    );
  });

  test('reach to less than one skip before the end', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3000 }), fc.integer({ min: 1, max: 255 }), (length, skip) => {
        const gaps = gapsOf(new Uint32Array(), length, skip);
        expect(gaps.every((gap) => gap === skip)).toBe(true);
        expect(length - gaps.length * skip).toBeLessThan(skip);
        expect(length - gaps.length * skip).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
