import fc from 'fast-check';
import { fixedPointMultipliers } from '../../src/fixed-point.js';
import { type MultiplierKind, multiplierBlock } from '../../src/multipliers.js';
import { packedGemmI8Bytes, packGemmI8 } from '../../src/pack-gemm.js';
import { gemmI8ScratchBytes } from '../../src/scratch-i8.js';
import { asMultipliers, requantizeBy, rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { biases, int8Range, int8s, multipliers, zeroPoint } from '../random-data.js';
import { formatFor, weightFormat } from '../weight-formats.js';
import { shape, strides, withGaps } from './gemm-shape.js';

const i8Case = fc.record({
  rounding,
  ...shape,
  aZero: zeroPoint,
  cZero: zeroPoint,
  range: int8Range,
  bZeros: fc.constantFrom('none' as const, 'one' as const, 'columns' as const),
  scratchRows: fc.integer({ min: 1, max: 9 }),
  /** 1 has weights packed narrow, whatever m then is. */
  expectedRows: fc.constantFrom(undefined, 1),
  /** What the scalar twin is given: it takes every format. */
  scalarFormat: weightFormat,
});
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

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
    const { a, b, multipliers: factors, ...rest } = i8Inputs(input);
    const multipliers = asMultipliers(factors, arena.kernels.multipliers, input.rounding);
    const { expectedRows } = input;
    const packed = packGemmI8(
      { data: b, k, n, ...strides(input), ...rest, multipliers, expectedRows, inputZero: aZero },
      formatFor(arena, input.scalarFormat),
    );
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
  expected(input, kind) {
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
        c[row * (n + cGap) + column] = requantizeBy(
          sum,
          factors[column]!,
          kind,
          input.rounding,
          cZero,
          range,
        );
      }
    }
    return c;
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

/** The weights of a case as columns that stand one behind the other, and what `packGemmI8` makes of them. */
function packedColumns({ n, k, b, scalarFormat, expectedRows }: I8Case, kind: MultiplierKind, sign: 1 | -1) {
  const data = int8s(k * n, b).map((value) => Math.max(-127, value) * sign);
  // With these zero points what is folded into the biases are the sums of the columns.
  const inputZero = scalarFormat === 'dot8-unsigned' ? -129 : -1;
  const multipliers = asMultipliers(Float32Array.of(0.5), kind, 'once');
  const weights = { data, k, n, rowStride: 1, columnStride: k, multipliers, inputZero, expectedRows };
  return { data, packed: packGemmI8(weights, scalarFormat) };
}

export const packColumnsI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { n, k } = input;
    // Header and multipliers are the caller's: they stand there, with the wrong weights.
    const { data, packed } = packedColumns(input, arena.kernels.multipliers, -1);
    const at = arena.output(packed.length);
    arena.kernels.heap.uint8(at, packed.length).set(packed);
    const [format = 0, , , steps = 0] = new Int32Array(packed.buffer, 0, 4);
    arena.kernels.packColumnsI8(n, k, arena.input(data.map((value) => -value)), format, steps, at);
    return arena.uint8(at, packed.length);
  },
  expected: (input, kind) => packedColumns(input, kind, 1).packed,
};

export const packGemmBFixedI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { n, k, aZero } = input;
    const { b, bias, multipliers: factors } = i8Inputs(input);
    const { rowStride, columnStride } = strides(input);
    const bytes = packedGemmI8Bytes(n, k, 'fixed-point');
    const packed = arena.output(bytes);
    const biasAt = bias ? arena.input(bias) : 0;
    const block = arena.input(multiplierBlock(fixedPointMultipliers(factors.slice(0, 1), input.rounding)));
    const from = arena.input(b);
    arena.kernels.packGemmBFixedI8(n, k, from, rowStride, columnStride, aZero, biasAt, block, packed);
    return arena.uint8(packed, bytes);
  },
  expected(input) {
    const { n, k, aZero } = input;
    const { b, bias, multipliers: factors } = i8Inputs(input);
    const multipliers = fixedPointMultipliers(factors.slice(0, 1), input.rounding);
    const shape = { data: b, k, n, ...strides(input), bias, zeroPoints: Int8Array.of(aZero) };
    const packed = packGemmI8({ ...shape, multipliers });
    // Columns that fill up have the multiplier too: nobody reads what they give.
    const panelBytes = (packed.length - 16) / Math.ceil(n / 8);
    for (let panel = 16; panel < packed.length; panel += panelBytes) {
      for (const at of [32, 80]) packed.set(new Uint8Array(multiplierBlock(multipliers).buffer), panel + at);
    }
    return packed;
  },
};
