import fc from 'fast-check';
import { packedGemmF32Bytes, packGemmF32 } from '../../src/pack-gemm-f32.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp } from '../plain.js';
import { float32s, floatRange } from '../random-data.js';
import { shape, strides, withGaps } from './gemm-shape.js';

const f = Math.fround;

const f32Case = fc.record({ ...shape, range: floatRange });
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;

function f32Inputs(input: F32Case) {
  const { m, n, k, aGap } = input;
  return {
    a: float32s(m * (k + aGap), input.a),
    b: float32s(k * n, input.b),
    bias: input.hasBias ? float32s(n, { seed: 7, kind: 'random' }) : undefined,
  };
}

function f32Product(input: F32Case): Float32Array {
  const { m, n, k, aGap, cGap, range } = input;
  const { a, b, bias } = f32Inputs(input);
  const { rowStride, columnStride } = strides(input);
  const buffer = new ArrayBuffer(m * (n + cGap) * 4);
  const c = withGaps(new Float32Array(buffer), new Uint8Array(buffer));
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = bias?.[column] ?? 0;
      for (let i = 0; i < k; i++) {
        sum = f(sum + f(a[row * (k + aGap) + i]! * b[i * rowStride + column * columnStride]!));
      }
      c[row * (n + cGap) + column] = clamp(sum, range[0], range[1]);
    }
  }
  return c;
}

export const gemmF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, input) {
    const { m, n, k, aGap, cGap, range } = input;
    const { a, b, bias } = f32Inputs(input);
    const packed = packGemmF32({ data: b, k, n, ...strides(input), bias });
    const c = arena.output(m * (n + cGap) * 4);
    arena.kernels.gemmF32(
      m,
      n,
      k,
      arena.input(a),
      k + aGap,
      arena.input(packed),
      c,
      n + cGap,
      range[0],
      range[1],
    );
    return arena.float32(c, m * (n + cGap));
  },
  expected: f32Product,
};

export const packGemmBF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, input) {
    const { n, k } = input;
    const { b, bias } = f32Inputs(input);
    const { rowStride, columnStride } = strides(input);
    const bytes = packedGemmF32Bytes(n, k);
    const packed = arena.output(bytes);
    const biasAt = bias ? arena.input(bias) : 0;
    arena.kernels.packGemmBF32(n, k, arena.input(b), rowStride, columnStride, biasAt, packed);
    return arena.float32(packed, bytes / 4);
  },
  expected(input) {
    const { b, bias } = f32Inputs(input);
    return packGemmF32({ data: b, k: input.k, n: input.n, ...strides(input), bias });
  },
};
