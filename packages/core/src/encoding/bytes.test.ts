import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../errors/errors.js';
import { ByteReader, ByteWriter } from './bytes.js';

describe('what a ByteWriter wrote', () => {
  test('a ByteReader reads, for all varints up to 2^53 - 1', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.float(),
        (n, s, f) => {
          const bytes = new ByteWriter()
            .u8(7)
            .varint(n)
            .signedVarint(s)
            .f32(f)
            .bytes(Uint8Array.of(1, 2))
            .finish();
          const reader = new ByteReader(bytes);
          expect(reader.u8()).toBe(7);
          expect(reader.varint()).toBe(n);
          expect(reader.signedVarint()).toBe(s);
          expect(reader.f32()).toEqual(f);
          expect(reader.bytes(2)).toEqual(Uint8Array.of(1, 2));
          expect(reader.left).toBe(0);
        },
      ),
    );
  });

  test('is LEB128: 300 is ac 02', () => {
    // The example of the Protocol Buffers encoding guide is 150, 96 01; 300 is that of its first edition.
    expect(new ByteWriter().varint(300).finish()).toEqual(Uint8Array.of(0xac, 0x02));
    expect(new ByteWriter().varint(150).finish()).toEqual(Uint8Array.of(0x96, 0x01));
  });

  test('grows beyond its first bytes', () => {
    const long = Uint8Array.from({ length: 1000 }, (_, i) => i);
    expect(new ByteWriter().u8(1).bytes(long).u8(2).finish()).toEqual(Uint8Array.of(1, ...long, 2));
  });
});

describe('a ByteReader refuses', () => {
  test('bytes that are not there, and says where it stands', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), 'params');
    reader.u8();
    expect(() => reader.bytes(3)).toThrow(/3 bytes are needed, 2 are left[\s\S]*params, byte 1/);
    expect(() => reader.f32()).toThrow(FormatError);
    expect(() => new ByteReader(new Uint8Array()).u8()).toThrow(FormatError);
  });

  test('numbers beyond 2^53 - 1, and those that never end', () => {
    expect(() => new ByteReader(Uint8Array.of(...new Array(7).fill(0xff), 0x7f)).varint()).toThrow(/2\^53/);
    expect(() => new ByteReader(new Uint8Array(40).fill(0x80)).varint()).toThrow(/eight bytes/);
    expect(() => new ByteReader(Uint8Array.of(0x80)).varint()).toThrow(FormatError);
  });
});
