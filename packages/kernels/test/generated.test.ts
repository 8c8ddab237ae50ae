import { expect, test } from 'vitest';
import { encodeBinary } from '../bin/binary-text.js';
import { simdWasm } from '../src/gen/simd-wasm.js';
import { loadKernels, loadKernelsSync } from '../src/loader.js';
import { freshBinary } from './binaries.js';

test('the binary in src/gen is what assembly/ compiles to (else run: node bin/build-wasm.js)', () => {
  // Compared as a yes or no: a diff of two binaries tells nobody anything.
  expect(simdWasm === encodeBinary(freshBinary('simd'))).toBe(true);
});

test('the binary stays below 80 KB of text', () => {
  expect(simdWasm.length).toBeLessThan(80_000);
});

test('both loaders give kernels over a memory that is handed in', async () => {
  const one = new WebAssembly.Memory({ initial: 4 });
  const two = new WebAssembly.Memory({ initial: 4 });
  expect((await loadKernels(one)).memory).toBe(one);
  expect(loadKernelsSync(two).heap.malloc(16) % 16).toBe(0);
});
