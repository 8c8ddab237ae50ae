import { brotliCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBinary } from '../bin/binary-text.js';
import { decodeBinary } from './binary-text.js';
import { simdWasm } from './gen/simd-wasm.js';

test('what is written as text is read back, whatever bytes there are', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.uint8Array({ min: 100, max: 110, maxLength: 2000 }),
  );
  fc.assert(
    fc.property(bytes, (binary) => {
      expect(decodeBinary(encodeBinary(binary))).toEqual(binary);
    }),
  );
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(decodeBinary(encodeBinary(all))).toEqual(all);
});

test('the text is plain ASCII without quotes, escapes or tags', () => {
  expect(simdWasm).toMatch(/^[ !#%&(-;=-[\]-_a-~]+$/);
});

test('the text compresses nearly as the binary does, and base64 does not', () => {
  const binary = decodeBinary(simdWasm);
  const wanted = brotliCompressSync(binary).length;
  expect(brotliCompressSync(simdWasm).length).toBeLessThan(wanted * 1.04);
  expect(brotliCompressSync(Buffer.from(binary).toString('base64')).length).toBeGreaterThan(wanted * 1.3);
});
