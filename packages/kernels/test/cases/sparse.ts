import fc from 'fast-check';
import { packSparseF32, packSparseVectorF32, sparseGemmF32ScratchBytes } from '../../src/pack-sparse-f32.js';
import { packSparseI8, packSparseVectorI8, sparseGemmI8ScratchBytes } from '../../src/pack-sparse-i8.js';
import { type SparseColumns, sparseColumns } from '../../src/sparse-columns.js';
import type { Arena } from '../arena.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp, requantize } from '../plain.js';
import {
  biases,
  float32s,
  floatRange,
  int8Range,
  int8s,
  multipliers,
  prune,
  zeroPoint,
} from '../random-data.js';
import { shape, strides, withGaps } from './gemm-shape.js';

const f = Math.fround;

const sparseShape = {
  ...shape,
  /** Fraction of weights that are kept; 0 and 1 are none and all. */
  density: fc.constantFrom(0, 0.03, 0.1, 0.3, 0.7, 1),
  /** Whether every third column is empty. */
  emptyColumns: fc.boolean(),
};
const f32Case = fc.record({ ...sparseShape, range: floatRange });
const i8Case = fc.record({ ...sparseShape, aZero: zeroPoint, cZero: zeroPoint, range: int8Range });
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

function keeps({ density, emptyColumns, n, k, transposed }: F32Case | I8Case): (index: number) => number {
  return (index) => {
    const column = transposed ? Math.floor(index / k) : index % n;
    return emptyColumns && column % 3 === 1 ? 0 : density;
  };
}

function f32Inputs(input: F32Case) {
  const { m, n, k, aGap } = input;
  const b = prune(float32s(k * n, input.b), input.b, keeps(input));
  return {
    a: float32s(m * (k + aGap), input.a),
    b,
    columns: sparseColumns(b, { k, n, ...strides(input) }),
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
        const weight = b[i * rowStride + column * columnStride]!;
        if (weight !== 0) sum = f(sum + f(a[row * (k + aGap) + i]! * weight));
      }
      c[row * (n + cGap) + column] = clamp(sum, range[0], range[1]);
    }
  }
  return c;
}

function runF32(arena: Arena, input: F32Case, kernel: 'sparseGemmF32' | 'sparseGemvF32'): Float32Array {
  const { m, n, k, aGap, cGap, range } = input;
  const { a, columns, bias } = f32Inputs(input);
  const c = arena.output(m * (n + cGap) * 4);
  const { kernels } = arena;
  const [from, strideA, strideC] = [arena.input(a), k + aGap, n + cGap];
  if (kernel === 'sparseGemvF32') {
    const packed = arena.input(packSparseVectorF32({ columns, bias }));
    kernels.sparseGemvF32(m, n, k, from, strideA, packed, c, strideC, range[0], range[1]);
  } else {
    const packed = arena.input(packSparseF32({ columns, bias }));
    const scratch = arena.output(sparseGemmF32ScratchBytes(k));
    kernels.sparseGemmF32(m, n, k, from, strideA, packed, c, strideC, range[0], range[1], scratch);
  }
  return arena.float32(c, m * (n + cGap));
}

export const sparseGemmF32: KernelTest<F32Case> = {
  cases: f32Case,
  run: (arena, input) => runF32(arena, input, 'sparseGemmF32'),
  expected: f32Product,
};

export const sparseGemvF32: KernelTest<F32Case> = {
  // Finite inputs, as it asks for: columns that are filled up would turn an infinity into NaN.
  cases: f32Case.map((input) => ({ ...input, a: { ...input.a, kind: 'random' as const } })),
  run: (arena, input) => runF32(arena, input, 'sparseGemvF32'),
  expected: f32Product,
};

function i8Inputs(input: I8Case) {
  const { m, n, k, aGap } = input;
  const b = prune(int8s(k * n, input.b), input.b, keeps(input));
  const columns: SparseColumns<Int8Array> = sparseColumns(b, { k, n, ...strides(input) });
  return {
    a: int8s(m * (k + aGap), input.a),
    b,
    columns,
    bias: input.hasBias ? biases(n, input.b) : undefined,
    multipliers: multipliers(n, k + 1, input.b),
  };
}

function i8Product(input: I8Case): Int8Array {
  const { m, n, k, aGap, cGap, aZero, cZero, range } = input;
  const { a, b, bias, multipliers: factors } = i8Inputs(input);
  const { rowStride, columnStride } = strides(input);
  const buffer = new ArrayBuffer(m * (n + cGap));
  const c = withGaps(new Int8Array(buffer), new Uint8Array(buffer));
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = bias?.[column] ?? 0;
      for (let i = 0; i < k; i++)
        sum += (a[row * (k + aGap) + i]! - aZero) * b[i * rowStride + column * columnStride]!;
      c[row * (n + cGap) + column] = requantize(sum, factors[column]!, cZero, range[0], range[1]);
    }
  }
  return c;
}

function runI8(arena: Arena, input: I8Case, kernel: 'sparseGemmI8' | 'sparseGemvI8'): Int8Array {
  const { m, n, k, aGap, cGap, aZero, cZero, range } = input;
  const weights = i8Inputs(input);
  const c = arena.output(m * (n + cGap));
  const { kernels } = arena;
  const [from, strideA, strideC] = [arena.input(weights.a), k + aGap, n + cGap];
  const [low, high] = range;
  if (kernel === 'sparseGemvI8') {
    const packed = arena.input(packSparseVectorI8(weights));
    kernels.sparseGemvI8(m, n, k, from, strideA, packed, c, strideC, aZero, cZero, low, high);
  } else {
    const packed = arena.input(packSparseI8(weights));
    const scratch = arena.output(sparseGemmI8ScratchBytes(k));
    kernels.sparseGemmI8(m, n, k, from, strideA, packed, c, strideC, aZero, cZero, low, high, scratch);
  }
  return arena.int8(c, m * (n + cGap));
}

export const sparseGemmI8: KernelTest<I8Case> = {
  cases: i8Case,
  run: (arena, input) => runI8(arena, input, 'sparseGemmI8'),
  expected: i8Product,
};

export const sparseGemvI8: KernelTest<I8Case> = {
  cases: i8Case,
  run: (arena, input) => runI8(arena, input, 'sparseGemvI8'),
  expected: i8Product,
};
