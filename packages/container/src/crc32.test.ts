import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, plainCrc32 } from './crc32.js';

test('the check value of the CRC catalogue comes out: "123456789" gives cbf43926', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('every length and every alignment gives what zlib gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 7 }), (bytes, shift) => {
      const shifted = new Uint8Array(bytes.length + shift);
      shifted.set(bytes, shift);
      expect(plainCrc32(shifted.subarray(shift))).toBe(zlibCrc32(bytes));
    }),
    { numRuns: 1000 },
  );
});

test('long inputs, which Node may compute itself, are no different', () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, i) => (i * i) >> 3);
  const view = bytes.subarray(2);
  expect(crc32(view)).toBe(plainCrc32(view));
  expect(plainCrc32(view)).toBe(zlibCrc32(view));
});
