import fc from 'fast-check';
import type { KernelFunctions } from '../../src/kernel-functions.js';
import { lookupTable } from '../../src/lookup-table.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp, quantize, saturate } from '../plain.js';
import { data, float32s, floatRange, int8Range, int8s, size, zeroPoint } from '../random-data.js';

const f = Math.fround;

/** Also scales that make every other result a tie, and results past both ends of int8. */
const scale = fc
  .oneof(fc.constantFrom(1, 0.5, 2, 0.25), fc.double({ min: 1e-3, max: 8, noNaN: true }))
  .map(f);

const broadcast = fc.record({
  rows: size(12),
  columns: size(70),
  b: fc.constantFrom('same' as const, 'column' as const, 'row' as const, 'scalar' as const),
  aData: data,
  bData: data,
});
const f32Case = fc.record({ shape: broadcast, range: floatRange, inPlace: fc.boolean() });
const i8Case = fc.record({
  shape: broadcast,
  aScale: scale,
  bScale: scale,
  yScale: scale,
  aZero: zeroPoint,
  bZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
  inPlace: fc.boolean(),
});
type Broadcast = typeof broadcast extends fc.Arbitrary<infer T> ? T : never;
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

/** Length of b and its strides by row and column. */
function layout({ rows, columns, b }: Broadcast): [number, number, number] {
  if (b === 'same') return [rows * columns, columns, 1];
  if (b === 'column') return [columns, 0, 1];
  if (b === 'row') return [rows, 1, 0];
  return [1, 0, 0];
}

type Operation = (a: number, b: number) => number;

function f32Test(
  name: 'addF32' | 'subF32' | 'mulF32' | 'divF32' | 'preluF32',
  operation: Operation,
): KernelTest<F32Case> {
  return {
    cases: f32Case,
    run(arena, { shape, range, inPlace }) {
      const { rows, columns } = shape;
      const [length, rowStride, columnStride] = layout(shape);
      const y = arena.output(rows * columns * 4);
      const values = float32s(rows * columns, shape.aData);
      const a = inPlace ? y : arena.input(values);
      const b = arena.input(float32s(length, shape.bData));
      if (inPlace) arena.kernels.heap.float32(y, values.length).set(values);
      const run: KernelFunctions['addF32'] = arena.kernels[name];
      run(rows, columns, a, b, rowStride, columnStride, y, range[0], range[1]);
      return arena.float32(y, rows * columns);
    },
    expected({ shape, range }) {
      const { rows, columns } = shape;
      const [length, rowStride, columnStride] = layout(shape);
      const a = float32s(rows * columns, shape.aData);
      const b = float32s(length, shape.bData);
      return a.map((left, at) => {
        const right = b[Math.floor(at / columns) * rowStride + (at % columns) * columnStride]!;
        return clamp(f(operation(left, right)), range[0], range[1]);
      });
    },
  };
}

export const addF32: KernelTest<F32Case> = f32Test('addF32', (a, b) => a + b);
export const subF32: KernelTest<F32Case> = f32Test('subF32', (a, b) => a - b);
export const mulF32: KernelTest<F32Case> = f32Test('mulF32', (a, b) => a * b);
export const divF32: KernelTest<F32Case> = f32Test('divF32', (a, b) => a / b);
export const preluF32: KernelTest<F32Case> = f32Test('preluF32', (a, b) => (a < 0 ? a * b : a));

export const scaleShiftF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, { shape, range, inPlace }) {
    const { rows, columns } = shape;
    const [length, rowStride, columnStride] = layout(shape);
    const y = arena.output(rows * columns * 4);
    const values = float32s(rows * columns, shape.aData);
    const x = inPlace ? y : arena.input(values);
    const scale = arena.input(float32s(length, shape.bData));
    const shift = arena.input(float32s(length, shape.aData));
    if (inPlace) arena.kernels.heap.float32(y, values.length).set(values);
    const strides = [rowStride, columnStride] as const;
    arena.kernels.scaleShiftF32(rows, columns, x, scale, shift, ...strides, y, range[0], range[1]);
    return arena.float32(y, rows * columns);
  },
  expected({ shape, range }) {
    const { rows, columns } = shape;
    const [length, rowStride, columnStride] = layout(shape);
    const scale = float32s(length, shape.bData);
    const shift = float32s(length, shape.aData);
    return float32s(rows * columns, shape.aData).map((x, at) => {
      const parameter = Math.floor(at / columns) * rowStride + (at % columns) * columnStride;
      return clamp(f(f(x * scale[parameter]!) + shift[parameter]!), range[0], range[1]);
    });
  },
};

function i8Test(name: 'addI8' | 'mulI8', operation: Operation): KernelTest<I8Case> {
  return {
    cases: i8Case,
    run(arena, input) {
      const { shape, aScale, aZero, bScale, bZero, yScale, yZero, range, inPlace } = input;
      const { rows, columns } = shape;
      const [length, rowStride, columnStride] = layout(shape);
      const y = arena.output(rows * columns);
      const values = int8s(rows * columns, shape.aData);
      const a = inPlace ? y : arena.input(values);
      const b = arena.input(int8s(length, shape.bData));
      if (inPlace) arena.kernels.heap.int8(y, values.length).set(values);
      const [low, high] = range;
      const run: KernelFunctions['addI8'] = arena.kernels[name];
      const strides = [rowStride, columnStride] as const;
      run(rows, columns, a, b, ...strides, y, aScale, aZero, bScale, bZero, yScale, yZero, low, high);
      return arena.int8(y, rows * columns);
    },
    expected({ shape, aScale, aZero, bScale, bZero, yScale, yZero, range }) {
      const { rows, columns } = shape;
      const [length, rowStride, columnStride] = layout(shape);
      const a = int8s(rows * columns, shape.aData);
      const b = int8s(length, shape.bData);
      return a.map((value, at) => {
        const other = b[Math.floor(at / columns) * rowStride + (at % columns) * columnStride]!;
        const real = f(operation(f((value - aZero) * aScale), f((other - bZero) * bScale)));
        return saturate(f(real / yScale), yZero, range[0], range[1]);
      });
    },
  };
}

export const addI8: KernelTest<I8Case> = i8Test('addI8', (a, b) => a + b);
export const mulI8: KernelTest<I8Case> = i8Test('mulI8', (a, b) => a * b);

const vector = fc.record({ n: fc.oneof(fc.constant(0), size(200)), x: data, inPlace: fc.boolean() });
type Vector = typeof vector extends fc.Arbitrary<infer T> ? T : never;

const clampCase = fc.record({ vector, range: floatRange });
type ClampCase = typeof clampCase extends fc.Arbitrary<infer T> ? T : never;

export const clampF32: KernelTest<ClampCase> = {
  cases: clampCase,
  run(arena, { vector: { n, x, inPlace }, range }) {
    const y = arena.output(n * 4);
    const from = inPlace ? y : arena.input(float32s(n, x));
    if (inPlace) arena.kernels.heap.float32(y, n).set(float32s(n, x));
    arena.kernels.clampF32(n, from, y, range[0], range[1]);
    return arena.float32(y, n);
  },
  expected: ({ vector: { n, x }, range }) => float32s(n, x).map((value) => clamp(value, range[0], range[1])),
};

const hardSwish = (x: number): number => x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
const hardSwishParams = [
  { scale: 0.05, zeroPoint: -20 },
  { scale: 0.03, zeroPoint: -100 },
] as const;

export const lutI8: KernelTest<Vector> = {
  cases: vector,
  run(arena, { n, x }) {
    const y = arena.output(n);
    const table = arena.input(lookupTable(hardSwish, ...hardSwishParams));
    arena.kernels.lutI8(n, arena.input(int8s(n, x)), table, y);
    return arena.int8(y, n);
  },
  expected({ n, x }) {
    const [from, to] = hardSwishParams;
    return int8s(n, x).map((q) => {
      const real = f(hardSwish(f((q - from.zeroPoint) * f(from.scale))));
      return saturate(f(real / f(to.scale)), to.zeroPoint, -128, 127);
    });
  },
};

export const flipSignI8: KernelTest<Vector> = {
  cases: vector,
  run(arena, { n, x }) {
    const y = arena.output(n);
    arena.kernels.flipSignI8(n, arena.input(new Uint8Array(int8s(n, x).buffer)), y);
    return arena.int8(y, n);
  },
  expected: ({ n, x }) => Int8Array.from(new Uint8Array(int8s(n, x).buffer), (byte) => byte - 128),
};

const quantizeCase = fc.record({ vector, scale, zero: zeroPoint, range: int8Range });
type QuantizeCase = typeof quantizeCase extends fc.Arbitrary<infer T> ? T : never;

/** Values of a few steps of 0.25: with a scale of 0.5 or 1 many are ties. */
function withTies(n: number, x: Vector['x'], by: number): Float32Array {
  return float32s(n, x).map((value) => (Math.abs(value) < 4 ? Math.round(value * 400) * 0.25 * by : value));
}

export const quantizeF32I8: KernelTest<QuantizeCase> = {
  cases: quantizeCase,
  run(arena, { vector: { n, x }, scale: step, zero, range }) {
    const y = arena.output(n);
    arena.kernels.quantizeF32I8(n, arena.input(withTies(n, x, step)), y, step, zero, range[0], range[1]);
    return arena.int8(y, n);
  },
  expected({ vector: { n, x }, scale: step, zero, range }, kind) {
    return Int8Array.from(withTies(n, x, step), (value) =>
      quantize(f(value / step), zero, range[0], range[1], kind),
    );
  },
};

const planesCase = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  channels: fc.constantFrom(1, 2, 3, 3, 4, 7),
  pixels: size(70),
  x: data,
  scale,
  zero: zeroPoint,
  range: int8Range,
});
type PlanesCase = typeof planesCase extends fc.Arbitrary<infer T> ? T : never;

export const quantizeTransposeF32I8: KernelTest<PlanesCase> = {
  cases: planesCase,
  run(arena, { batch, channels, pixels, x, scale: step, zero, range }) {
    const n = batch * channels * pixels;
    const y = arena.output(n);
    const from = arena.input(withTies(n, x, step));
    arena.kernels.quantizeTransposeF32I8(batch, channels, pixels, from, y, step, zero, range[0], range[1]);
    return arena.int8(y, n);
  },
  expected({ batch, channels, pixels, x, scale: step, zero, range }, kind) {
    const n = batch * channels * pixels;
    const values = withTies(n, x, step);
    return Int8Array.from({ length: n }, (_, at) => {
      const pixel = Math.floor(at / channels) % pixels;
      const image = Math.floor(at / (channels * pixels));
      const value = values[(image * channels + (at % channels)) * pixels + pixel]!;
      return quantize(f(value / step), zero, range[0], range[1], kind);
    });
  },
};

export const dequantizeI8F32: KernelTest<QuantizeCase> = {
  cases: quantizeCase,
  run(arena, { vector: { n, x }, scale: step, zero }) {
    const y = arena.output(n * 4);
    arena.kernels.dequantizeI8F32(n, arena.input(int8s(n, x)), y, step, zero);
    return arena.float32(y, n);
  },
  expected: ({ vector: { n, x }, scale: step, zero }) =>
    Float32Array.from(int8s(n, x), (q) => f(q - zero) * step),
};
