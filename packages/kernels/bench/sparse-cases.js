/** Products by pruned weights, timed by `bench/run.js`. `work` counts all products, those left out too. */
import {
  packSparseF32,
  packSparseI8,
  packSparseVectorF32,
  packSparseVectorI8,
  sparseColumns,
  sparseGemmF32ScratchBytes,
  sparseGemmI8ScratchBytes,
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

  return {
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
