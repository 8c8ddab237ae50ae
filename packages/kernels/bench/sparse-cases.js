/** Products by pruned weights, timed by `bench/run.js`. `work` counts all products, those left out too. */
import {
  geometryWords,
  packSparseF32,
  packSparseI8,
  packSparseVectorF32,
  packSparseVectorI8,
  sparseColumns,
  sparseConvF32ScratchBytes,
  sparseConvI8ScratchBytes,
  sparseGemmF32ScratchBytes,
  sparseGemmI8ScratchBytes,
  tapsFirstColumns,
} from '../dist/index.js';

const RANGE = [-Infinity, Infinity];
const MULTIPLIERS = Float32Array.of(1e-4);

/**
 * @param random - the next number in [0, 1)
 * @returns builders by kernel; called with kernels and a shape, each gives { run, result, work, unit }
 */
export function sparseCases(random) {
  const floats = (length, density = 1) =>
    Float32Array.from({ length }, () => (random() < density ? random() - 0.5 : 0));
  const bytes = (length, density = 1) =>
    Int8Array.from({ length }, () => (random() < density ? Math.floor(random() * 256) - 128 : 0));
  const columnsOf = (data, k, n) => sparseColumns(data, { k, n, rowStride: n, columnStride: 1 });

  function product(k, { m, n, depth }, elementBytes, a, packed, call) {
    const args = [m, n, depth, k.heap.place(a), depth, k.heap.place(packed)];
    const size = m * n * elementBytes;
    const y = k.heap.malloc(size);
    const result = () => k.heap.uint8(y, size).slice();
    return { run: () => call(args, y), result, work: m * n * depth, unit: 'MAC' };
  }

  /** Of 3 x 3, stride 1. */
  function convolution(k, { size, channels, outputs }, elementBytes, density, call) {
    const g = {
      batch: 1,
      inputHeight: size,
      inputWidth: size,
      inputChannels: channels,
      outputHeight: size,
      outputWidth: size,
      outputChannels: outputs,
      kernelHeight: 3,
      kernelWidth: 3,
      strideHeight: 1,
      strideWidth: 1,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: 1,
      padLeft: 1,
      padBottom: 1,
      padRight: 1,
      groups: 1,
    };
    const make = elementBytes === 4 ? floats : bytes;
    const each = channels * 9;
    const layout = { k: each, n: outputs, rowStride: 1, columnStride: each };
    const columns = tapsFirstColumns(sparseColumns(make(outputs * each, density), layout), 9);
    const x = k.heap.place(make(size * size * channels));
    const resultBytes = size * size * outputs * elementBytes;
    const y = k.heap.malloc(resultBytes);
    const at = k.heap.place(geometryWords(g));
    const result = () => k.heap.uint8(y, resultBytes).slice();
    return { run: call(at, x, columns, y), result, work: size * size * outputs * each, unit: 'MAC' };
  }

  return {
    sparseConvF32(k, { size = 28, channels = 128, outputs = channels, density = 0.1 } = {}) {
      const scratch = k.heap.malloc(sparseConvF32ScratchBytes(channels, 9));
      return convolution(k, { size, channels, outputs }, 4, density, (at, x, columns, y) => {
        const w = k.heap.place(packSparseF32({ columns }));
        return () => k.sparseConvF32(at, x, w, y, ...RANGE, scratch);
      });
    },
    sparseConvI8(k, { size = 28, channels = 128, outputs = channels, density = 0.1 } = {}) {
      const scratch = k.heap.malloc(sparseConvI8ScratchBytes(channels, 9));
      return convolution(k, { size, channels, outputs }, 1, density, (at, x, columns, y) => {
        const w = k.heap.place(packSparseI8({ columns, multipliers: MULTIPLIERS }));
        return () => k.sparseConvI8(at, x, w, y, 3, -2, -128, 127, scratch);
      });
    },
    sparseGemmF32(k, { m = 196, n = 256, depth = 256, density = 0.1 } = {}) {
      const packed = packSparseF32({ columns: columnsOf(floats(depth * n, density), depth, n) });
      const scratch = k.heap.malloc(sparseGemmF32ScratchBytes(depth));
      return product(k, { m, n, depth }, 4, floats(m * depth), packed, (args, y) =>
        k.sparseGemmF32(...args, y, n, ...RANGE, scratch),
      );
    },
    sparseGemmI8(k, { m = 196, n = 256, depth = 256, density = 0.1 } = {}) {
      const columns = columnsOf(bytes(depth * n, density), depth, n);
      const packed = packSparseI8({ columns, multipliers: MULTIPLIERS });
      const scratch = k.heap.malloc(sparseGemmI8ScratchBytes(depth));
      return product(k, { m, n, depth }, 1, bytes(m * depth), packed, (args, y) =>
        k.sparseGemmI8(...args, y, n, 3, -2, -128, 127, scratch),
      );
    },
    sparseGemvF32(k, { m = 1, n = 300, depth = 784, density = 0.1 } = {}) {
      const packed = packSparseVectorF32({ columns: columnsOf(floats(depth * n, density), depth, n) });
      return product(k, { m, n, depth }, 4, floats(m * depth), packed, (args, y) =>
        k.sparseGemvF32(...args, y, n, ...RANGE),
      );
    },
    sparseGemvI8(k, { m = 1, n = 300, depth = 784, density = 0.1 } = {}) {
      const columns = columnsOf(bytes(depth * n, density), depth, n);
      const packed = packSparseVectorI8({ columns, multipliers: MULTIPLIERS });
      return product(k, { m, n, depth }, 1, bytes(m * depth), packed, (args, y) =>
        k.sparseGemvI8(...args, y, n, 3, -2, -128, 127),
      );
    },
  };
}
