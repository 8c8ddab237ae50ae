import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadKernelsSync } from './loader-sync.js';
import { packConvI8 } from './pack-conv.js';
import { packGemmI8 } from './pack-gemm.js';
import { placeConvI8, placeGemmI8 } from './place-i8.js';
import type { WeightFormat } from './weight-format.js';

const formats = fc.constantFrom<WeightFormat>('dot16', 'dot8-signed', 'dot8-unsigned');
const sizes = fc.record({
  outputChannels: fc.integer({ min: 1, max: 20 }),
  channelsPerGroup: fc.integer({ min: 1, max: 20 }),
  kernelHeight: fc.constantFrom(1, 3),
  kernelWidth: fc.constantFrom(1, 3),
});
const details = fc.record({
  asymmetric: fc.boolean(),
  expectedRows: fc.constantFrom(undefined, 1, 9),
  inputZero: fc.integer({ min: -128, max: 127 }),
});

/** Kernels whose memory is not zero where weights go. */
function usedKernels(): ReturnType<typeof loadKernelsSync> {
  const kernels = loadKernelsSync();
  const address = kernels.heap.malloc(200_000);
  kernels.heap.uint8(address, 200_000).fill(0xa5);
  kernels.heap.free(address);
  return kernels;
}

function parts(n: number, count: number, asymmetric: boolean): Parameters<typeof packGemmI8>[0] {
  return {
    data: Int8Array.from({ length: count }, (_, i) => ((i * 37) % 256) - 128),
    k: count / n,
    n,
    rowStride: 1,
    columnStride: count / n,
    bias: Int32Array.from({ length: n }, (_, i) => i * 1000 - 500),
    multipliers: Float32Array.from({ length: n }, (_, i) => (i + 1) / 64),
    ...(asymmetric ? { zeroPoints: Int8Array.from({ length: n }, (_, i) => i - 3) } : {}),
  };
}

const kernels = usedKernels();

/** What stands at `address`, which is freed. */
function taken(address: number, length: number): Uint8Array {
  const bytes = kernels.heap.uint8(address, length).slice();
  kernels.heap.free(address);
  return bytes;
}

test('a convolution packed in kernel memory has the bytes of one packed in arrays, and nothing else stays there', () => {
  fc.assert(
    fc.property(sizes, details, formats, (size, { asymmetric, ...more }, format) => {
      const { outputChannels, channelsPerGroup, kernelHeight, kernelWidth } = size;
      const count = outputChannels * channelsPerGroup * kernelHeight * kernelWidth;
      const weights = { ...size, groups: 1, ...parts(outputChannels, count, asymmetric), ...more };
      const wanted = packConvI8(weights, format);
      const before = kernels.heap.usedBytes;
      expect(taken(placeConvI8(kernels, weights, format), wanted.length)).toEqual(wanted);
      expect(kernels.heap.usedBytes).toBe(before);
    }),
  );
});

test('so has a matrix, by rows or by columns', () => {
  fc.assert(
    fc.property(sizes, details, formats, fc.boolean(), (size, { asymmetric, ...more }, format, byRows) => {
      const [n, k] = [size.outputChannels, size.channelsPerGroup];
      const strides = byRows ? { rowStride: n, columnStride: 1 } : {};
      const weights = { ...parts(n, n * k, asymmetric), ...strides, ...more };
      const wanted = packGemmI8(weights, format);
      expect(taken(placeGemmI8(kernels, weights, format), wanted.length)).toEqual(wanted);
    }),
  );
});

test('weights that are refused leave no memory behind', () => {
  const before = kernels.heap.usedBytes;
  const weights = { ...parts(4, 16, false), data: new Int8Array(3) };
  expect(() => placeGemmI8(kernels, weights)).toThrow(RangeError);
  expect(kernels.heap.usedBytes).toBe(before);
});
