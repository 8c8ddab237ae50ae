import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packGemmI8 } from '../src/pack-gemm.js';
import { packGemmF32 } from '../src/pack-gemm-f32.js';
import { packSparseF32, packSparseVectorF32, sparseGemmF32ScratchBytes } from '../src/pack-sparse-f32.js';
import { packSparseI8, packSparseVectorI8, sparseGemmI8ScratchBytes } from '../src/pack-sparse-i8.js';
import { gemmI8ScratchBytes } from '../src/scratch-i8.js';
import { sparseColumns } from '../src/sparse-columns.js';
import { Arena } from './arena.js';
import { freshKernels } from './binaries.js';
import { biases, float32s, int8s, multipliers, prune, size, zeroPoint } from './random-data.js';

const { kernels } = new Arena(freshKernels('simd'));
const arena = new Arena(kernels);

const product = fc.record({
  m: size(70),
  n: size(40),
  k: size(200),
  density: fc.constantFrom(0, 0.05, 0.1, 0.5, 1),
  seed: fc.integer({ min: 1, max: 0x7fffffff }),
  aZero: zeroPoint,
  cZero: zeroPoint,
});

describe('products by pruned weights have the bits of the dense products', () => {
  test('in float32, where inputs are finite', () => {
    fc.assert(
      fc.property(product, ({ m, n, k, density, seed }) => {
        const random = { seed, kind: 'random' as const };
        const data = prune(float32s(k * n, random), random, () => density);
        const layout = { k, n, rowStride: n, columnStride: 1 };
        const bias = float32s(n, { seed: seed + 1, kind: 'random' });
        const weights = { columns: sparseColumns(data, layout), bias };
        const a = arena.input(float32s(m * k, { seed: seed + 2, kind: 'random' }));
        const outputs = [0, 1, 2].map(() => arena.output(m * n * 4)) as [number, number, number];
        const scratch = arena.output(sparseGemmF32ScratchBytes(k));
        const dense = arena.input(packGemmF32({ data, ...layout, bias }));
        const rows = arena.input(packSparseF32(weights));
        const vectors = arena.input(packSparseVectorF32(weights));
        kernels.gemmF32(m, n, k, a, k, dense, outputs[0], n, 0, 6);
        kernels.sparseGemmF32(m, n, k, a, k, rows, outputs[1], n, 0, 6, scratch);
        kernels.sparseGemvF32(m, n, k, a, k, vectors, outputs[2], n, 0, 6);
        const [wanted, ...others] = outputs.map((at) => arena.uint8(at, m * n * 4));
        arena.finish();
        for (const other of others) expect(other).toEqual(wanted);
      }),
    );
  });

  test('in int8', () => {
    fc.assert(
      fc.property(product, ({ m, n, k, density, seed, aZero, cZero }) => {
        const random = { seed, kind: 'random' as const };
        const data = prune(int8s(k * n, random), random, () => density);
        const layout = { k, n, rowStride: n, columnStride: 1 };
        const factors = { bias: biases(n, random), multipliers: multipliers(n, k, random) };
        const weights = { columns: sparseColumns(data, layout), ...factors };
        const a = arena.input(int8s(m * k, { seed: seed + 2, kind: 'random' }));
        const outputs = [0, 1, 2].map(() => arena.output(m * n)) as [number, number, number];
        const bytes = gemmI8ScratchBytes(m, k);
        const scratch = arena.output(Math.max(bytes, sparseGemmI8ScratchBytes(k)));
        const dense = arena.input(packGemmI8({ data, ...layout, ...factors }));
        const rows = arena.input(packSparseI8(weights));
        const vectors = arena.input(packSparseVectorI8(weights));
        kernels.gemmI8(m, n, k, a, k, dense, outputs[0], n, aZero, cZero, -128, 127, scratch, bytes);
        kernels.sparseGemmI8(m, n, k, a, k, rows, outputs[1], n, aZero, cZero, -128, 127, scratch);
        kernels.sparseGemvI8(m, n, k, a, k, vectors, outputs[2], n, aZero, cZero, -128, 127);
        const [wanted, ...others] = outputs.map((at) => arena.uint8(at, m * n));
        arena.finish();
        for (const other of others) expect(other).toEqual(wanted);
      }),
    );
  });
});
