import { ByteReader, FormatError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFloats, encodeFloats, readFloatStream } from './floats.js';

/** Any bits at all: NaNs with payloads, both zeros, subnormal numbers. */
const anyFloats = fc
  .array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 300 })
  .map((bits) => new Float32Array(Uint32Array.from(bits).buffer));
const halves = fc
  .array(fc.integer({ min: -2000, max: 2000 }), { maxLength: 300 })
  .map((list) => Float32Array.from(list, (x) => x / 64));
const rising = fc
  .uniqueArray(fc.float({ noNaN: true }), { maxLength: 256 })
  .map((list) => Float32Array.from(list).sort());
const floats = fc.oneof(
  anyFloats,
  halves,
  rising,
  fc.nat(200).map((length) => new Float32Array(length)),
);

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('a stream of floats', () => {
  test('comes back bit for bit', () => {
    fc.assert(
      fc.property(floats, (values) => {
        const { order, params, payload } = encodeFloats(values);
        const shift = readFloatStream(order, new ByteReader(params), payload, values.length);
        expect(bitsOf(decodeFloats(order, shift, payload, values.length))).toEqual(bitsOf(values));
      }),
    );
  });

  test.each([
    { what: 'zeros', values: new Float32Array(4096), bytes: 20 },
    // log2(256!) of 256 x 32 bits need not be told, nor the exponents that do not occur: some 10 bits a value.
    {
      what: '256 centroids',
      values: Float32Array.from({ length: 256 }, (_, i) => Math.fround(Math.tan((i - 127.5) / 90) / 10)),
      bytes: 700,
    },
    {
      what: 'small whole numbers',
      values: Float32Array.from({ length: 1000 }, (_, i) => (i * 7) % 16),
      bytes: 800,
    },
  ])('of $what takes at most $bytes bytes', ({ values, bytes }) => {
    expect(encodeFloats(values).payload.length).toBeLessThanOrEqual(bytes);
  });

  test('with flipped bits gives floats or a FormatError', () => {
    const values = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i));
    for (const source of [values, values.slice().sort()]) {
      const { order, params, payload } = encodeFloats(source);
      fc.assert(
        fc.property(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const broken = payload.slice();
          broken[at] = (broken[at] ?? 0) ^ flip;
          try {
            const shift = readFloatStream(order, new ByteReader(params), broken, source.length);
            expect(decodeFloats(order, shift, broken, source.length).length).toBe(source.length);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }),
      );
    }
  });

  test('is refused before memory is taken for what it claims', () => {
    const read =
      (shift: number, count: number, order: 'any' | 'rising' = 'any') =>
      () =>
        readFloatStream(order, new ByteReader(Uint8Array.of(shift)), new Uint8Array(8), count);
    expect(read(20, 1000)).not.toThrow();
    expect(read(21, 1000)).toThrow(FormatError);
    expect(read(0, 2 ** 28)).toThrow(FormatError);
    expect(read(0, 2 ** 17, 'rising')).toThrow(FormatError);
  });
});
