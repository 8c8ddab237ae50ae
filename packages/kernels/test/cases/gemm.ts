import fc from 'fast-check';
import { packedGemmF32Bytes, packedGemmI8Bytes, packGemmF32, packGemmI8 } from '../../src/pack-gemm.js';
import { gemmI8ScratchBytes } from '../../src/scratch.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp, requantize } from '../plain.js';
import {
  biases,
  data,
  float32s,
  floatRange,
  int8Range,
  int8s,
  multipliers,
  size,
  zeroPoint,
} from '../random-data.js';

const f = Math.fround;

const shape = {
  m: size(40),
  n: size(80),
  k: fc.oneof(fc.constant(0), size(300)),
  aGap: fc.integer({ min: 0, max: 3 }),
  cGap: fc.integer({ min: 0, max: 3 }),
  transposed: fc.boolean(),
  hasBias: fc.boolean(),
  a: data,
  b: data,
};
const f32Case = fc.record({ ...shape, range: floatRange });
const i8Case = fc.record({
  ...shape,
  aZero: zeroPoint,
  cZero: zeroPoint,
  range: int8Range,
  bZeros: fc.constantFrom('none' as const, 'one' as const, 'columns' as const),
  scratchRows: fc.integer({ min: 1, max: 9 }),
});
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

function strides({ n, k, transposed }: { n: number; k: number; transposed: boolean }) {
  return transposed ? { rowStride: 1, columnStride: k } : { rowStride: n, columnStride: 1 };
}

/** Fills the gaps between rows with the sentinel a kernel must leave alone. */
function withGaps<T extends Float32Array | Int8Array>(rows: T, bytes: Uint8Array): T {
  bytes.fill(0xa5);
  return rows;
}

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

function i8Inputs(input: I8Case) {
  const { m, n, k, aGap, bZeros } = input;
  const zeros = { none: 0, one: 1, columns: n }[bZeros];
  return {
    a: int8s(m * (k + aGap), input.a),
    b: int8s(k * n, input.b),
    bias: input.hasBias ? biases(n, input.b) : undefined,
    multipliers: multipliers(n, k + 1, input.b),
    zeroPoints: zeros > 0 ? int8s(zeros, { seed: 5, kind: 'random' }) : undefined,
  };
}

export const gemmI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { m, n, k, aGap, cGap, aZero, cZero, range } = input;
    const { a, b, ...rest } = i8Inputs(input);
    const packed = packGemmI8({ data: b, k, n, ...strides(input), ...rest });
    const c = arena.output(m * (n + cGap));
    const scratchBytes = gemmI8ScratchBytes(Math.min(m, input.scratchRows), k);
    arena.kernels.gemmI8(
      m,
      n,
      k,
      arena.input(a),
      k + aGap,
      arena.input(packed),
      c,
      n + cGap,
      aZero,
      cZero,
      range[0],
      range[1],
      arena.output(scratchBytes),
      scratchBytes,
    );
    return arena.int8(c, m * (n + cGap));
  },
  expected(input) {
    const { m, n, k, aGap, cGap, aZero, cZero, range } = input;
    const { a, b, bias, multipliers: factors, zeroPoints } = i8Inputs(input);
    const { rowStride, columnStride } = strides(input);
    const buffer = new ArrayBuffer(m * (n + cGap));
    const c = withGaps(new Int8Array(buffer), new Uint8Array(buffer));
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        const bZero = zeroPoints ? zeroPoints[zeroPoints.length === 1 ? 0 : column]! : 0;
        let sum = bias?.[column] ?? 0;
        for (let i = 0; i < k; i++) {
          sum += (a[row * (k + aGap) + i]! - aZero) * (b[i * rowStride + column * columnStride]! - bZero);
        }
        c[row * (n + cGap) + column] = requantize(sum, factors[column]!, cZero, range[0], range[1]);
      }
    }
    return c;
  },
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

export const packGemmBI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { n, k, aZero } = input;
    const { b, bias, multipliers: factors } = i8Inputs(input);
    const { rowStride, columnStride } = strides(input);
    const bytes = packedGemmI8Bytes(n, k);
    const packed = arena.output(bytes);
    const biasAt = bias ? arena.input(bias) : 0;
    arena.kernels.packGemmBI8(
      n,
      k,
      arena.input(b),
      rowStride,
      columnStride,
      aZero,
      biasAt,
      factors[0]!,
      packed,
    );
    return arena.uint8(packed, bytes);
  },
  expected(input) {
    const { n, k, aZero } = input;
    const { b, bias, multipliers: factors } = i8Inputs(input);
    const one = packGemmI8({
      data: b,
      k,
      n,
      ...strides(input),
      bias,
      multipliers: factors.slice(0, 1),
      zeroPoints: Int8Array.of(aZero),
    });
    return one;
  },
};
