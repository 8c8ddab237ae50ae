import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { hasRelaxedSimd } from '../src/features.js';
import { type KernelName, kernelNames, kernelTable } from '../src/kernel-table.js';
import { loadKernels } from '../src/loader.js';
import { packConvF32 } from '../src/pack-conv-f32.js';
import { packDepthwiseConvF32 } from '../src/pack-depthwise-f32.js';
import { packGemmF32 } from '../src/pack-gemm-f32.js';
import { Arena } from './arena.js';
import { freshKernels } from './binaries.js';
import { kernelTests } from './cases/index.js';
import { sameBits } from './same-bits.js';
import { testKernels } from './variants.js';

const texts = inject('binaries');

/** Kernels with products of assembly/mul-add.ts, or of gemm-f32 inside: they may round otherwise. */
const products: ReadonlySet<KernelName> = new Set([
  'gemmF32',
  'convF32',
  'convTransposeF32',
  'depthwiseConvF32',
  'sparseGemmF32',
  'sparseGemvF32',
  'sparseConvF32',
  'lstmF32',
  'gruF32',
]);

/** Those of binaries with float32 multipliers that are no products: they must not. */
const others = kernelNames.filter(
  (name) => !products.has(name) && kernelTable[name].multipliers !== 'fixed-point',
);

/** The fast binary as shipped, where it runs, and with a fused multiply-add in plain instructions, anywhere. */
const fast = hasRelaxedSimd() ? (['fast', 'fastFused'] as const) : (['fastFused'] as const);

describe.each(fast)('the %s binary', (binary) => {
  const arena = new Arena(testKernels(texts, { binary, shared: false }));
  const scalar = new Arena(testKernels(texts, { binary: 'scalar', shared: false }));

  test.each(others)('%s gives the bits of its twin', (name) => {
    const { cases, run } = kernelTests[name];
    fc.assert(
      fc.property(cases, (input) => {
        const [actual, expected] = [run(arena, input), run(scalar, input)];
        arena.finish();
        scalar.finish();
        expect(sameBits(actual, expected)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('a product differs from the exact sum by no more than the roundings of its steps', () => {
    const shape = fc.record({
      m: fc.integer({ min: 1, max: 17 }),
      n: fc.integer({ min: 1, max: 27 }),
      k: fc.integer({ min: 1, max: 70 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(shape, ({ m, n, k, seed }) => {
        const [a, b] = [numbers(m * k, seed), numbers(k * n, seed + 1)];
        const { kernels } = arena;
        const packed = arena.input(packGemmF32({ data: b, k, n, rowStride: n, columnStride: 1 }));
        const c = arena.output(m * n * 4);
        kernels.gemmF32(m, n, k, arena.input(a), k, packed, c, n, -Infinity, Infinity);
        const result = arena.float32(c, m * n);
        arena.finish();
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let [sum, size] = [0, 0];
            for (let i = 0; i < k; i++) {
              const product = (a[row * k + i] ?? 0) * (b[i * n + column] ?? 0);
              sum += product;
              size += Math.abs(product);
            }
            // Higham 2002, section 3.1: at most k + 1 roundings of 2^-24 each.
            const bound = size * (k + 1) * 2 ** -24;
            expect(Math.abs((result[row * n + column] ?? Number.NaN) - sum)).toBeLessThanOrEqual(bound);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** 1 + 2^-12 squared, less 1: 2^-11 + 2^-24, whose last bit is lost where the product is rounded by itself. */
const one = Math.fround(1 + 2 ** -12);
const fusedSum = 2 ** -11 + 2 ** -24;

function sumOf(binary: 'simd' | 'fastFused', kernel: 'gemm' | 'conv' | 'depthwise'): number {
  const kernels = freshKernels(binary);
  const { heap } = kernels;
  const y = heap.malloc(64);
  const bias = Float32Array.of(-1);
  const data = Float32Array.of(one);
  const x = heap.place(Float32Array.of(one, 0, 0, 0));
  if (kernel === 'gemm') {
    const b = heap.place(packGemmF32({ data, k: 1, n: 1, rowStride: 1, columnStride: 1, bias }));
    kernels.gemmF32(1, 1, 1, x, 1, b, y, 1, -Infinity, Infinity);
    return heap.float32(y, 1)[0] ?? Number.NaN;
  }
  // batch, input, output, kernel, stride, dilation, pads, groups, rows: one pixel of one channel.
  const words = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1];
  const geometry = heap.place(Int32Array.from(words));
  const scratch = heap.malloc(1 << 16);
  const weights = { channels: 1, kernelHeight: 1, kernelWidth: 1, data, bias };
  if (kernel === 'conv') {
    const w = heap.place(packConvF32({ ...weights, outputChannels: 1, channelsPerGroup: 1, groups: 1 }));
    kernels.convF32(geometry, x, w, y, -Infinity, Infinity, scratch, 1 << 16);
  } else {
    const w = heap.place(packDepthwiseConvF32(weights));
    kernels.depthwiseConvF32(geometry, x, w, y, -Infinity, Infinity, scratch);
  }
  return heap.float32(y, 1)[0] ?? Number.NaN;
}

test.each(['gemm', 'conv', 'depthwise'] as const)(
  '%s rounds a product by itself unless asked not to',
  (kernel) => {
    expect(sumOf('simd', kernel)).toBe(2 ** -11);
    expect(sumOf('fastFused', kernel)).toBe(fusedSum);
  },
);

describe('fastMath', () => {
  test('takes the fast kernels exactly where there is relaxed SIMD, and others where there is not', async () => {
    const { binary, weightFormat, relaxedDot } = await loadKernels({ fastMath: true });
    expect(binary).toBe(hasRelaxedSimd() ? 'fast' : 'simd');
    expect(weightFormat).toBe(relaxedDot === null ? 'dot16' : `dot8-${relaxedDot}`);
  });

  test('is off unless asked for', async () => {
    expect((await loadKernels()).binary).not.toBe('fast');
    expect((await loadKernels({ fastMath: false })).binary).not.toBe('fast');
  });

  test.skipIf(hasRelaxedSimd())('the fast binary by name is refused without relaxed SIMD', async () => {
    await expect(loadKernels({ binary: 'fast' })).rejects.toThrow(/relaxed SIMD is missing/);
  });
});

function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  });
}
