import { brotliCompressSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { decodeBinary } from '../src/binary-text.js';

/** What a page fetches to run: the text of one binary, and the probe. Measured, then about a fifth of room. */
test.each([
  { name: 'simd', bytes: 90_000, brotli: 26_000 },
  { name: 'relaxed', bytes: 108_000, brotli: 30_000 },
  { name: 'simdFixed', bytes: 90_000, brotli: 26_000 },
  { name: 'relaxedFixed', bytes: 108_000, brotli: 30_000 },
  { name: 'fast', bytes: 108_000, brotli: 30_000 },
  { name: 'wide', bytes: 16_000, brotli: 5_000 },
  { name: 'dynamic', bytes: 10_000, brotli: 4_000 },
  { name: 'dynamicRelaxed', bytes: 12_000, brotli: 4_000 },
  { name: 'relaxedProbe', bytes: 900, brotli: 500 },
] as const)('the $name binary stays below $bytes bytes, and its text below $brotli compressed', (limit) => {
  const text = inject('binaries')[limit.name];
  expect(decodeBinary(text).length).toBeLessThan(limit.bytes);
  expect(brotliCompressSync(text).length).toBeLessThan(limit.brotli);
});
