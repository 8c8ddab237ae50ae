import fc from 'fast-check';
import { packSparseF32, sparseConvF32ScratchBytes } from '../../src/pack-sparse-f32.js';
import { packSparseI8, sparseConvI8ScratchBytes } from '../../src/pack-sparse-i8.js';
import { type SparseColumns, sparseColumns, tapsFirstColumns } from '../../src/sparse-columns.js';
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
  prune,
  zeroPoint,
} from '../random-data.js';
import { weightShape } from './conv-shape.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from './geometry.js';

const f = Math.fround;

const shape = {
  g: geometries('conv').map((g) => ({ ...g, groups: 1 })),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  x: data,
  w: data,
  hasBias: fc.boolean(),
  density: fc.constantFrom(0, 0.05, 0.3, 1),
};
const f32Case = fc.record({ ...shape, range: floatRange });
const i8Case = fc.record({ ...shape, range: int8Range, xZero: zeroPoint, yZero: zeroPoint });
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

/** The weights of a convolution as its kernels want them. */
function columnsOf<Values extends Float32Array | Int8Array>(
  w: Values,
  { g }: F32Case | I8Case,
): SparseColumns<Values> {
  const { outputChannels, each } = weightShape(g);
  const layout = { k: each, n: outputChannels, rowStride: 1, columnStride: each };
  return tapsFirstColumns(sparseColumns(w, layout), g.kernelHeight * g.kernelWidth);
}

function f32Inputs(input: F32Case) {
  const { outputChannels, each } = weightShape(input.g);
  return {
    x: float32s(elementCounts(input.g).input, input.x),
    w: prune(float32s(outputChannels * each, input.w), input.w, () => input.density),
    bias: input.hasBias ? float32s(outputChannels, { seed: 9, kind: 'random' }) : undefined,
  };
}

export const sparseConvF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, input) {
    const { g, range } = input;
    const { x, w, bias } = f32Inputs(input);
    const packed = arena.input(packSparseF32({ columns: columnsOf(w, input), bias }));
    const { output } = elementCounts(g);
    const y = arena.output(output * 4);
    const from = arena.input(x);
    const scratch = arena.output(sparseConvF32ScratchBytes(g.inputChannels, g.kernelHeight * g.kernelWidth));
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.sparseConvF32(geometry, from, packed, y, range[0], range[1], scratch);
    });
    return arena.float32(y, output);
  },
  expected(input) {
    const { g, range } = input;
    const { x, w, bias } = f32Inputs(input);
    const { each } = weightShape(g);
    const taps = g.kernelHeight * g.kernelWidth;
    const y = new Float32Array(elementCounts(g).output);
    forEachWindow(g, (at, output, places) => {
      let sum = bias?.[output] ?? 0;
      for (const { pixel, tap } of places) {
        for (let i = 0; i < g.inputChannels; i++) {
          const weight = w[output * each + i * taps + tap]!;
          const value = pixel < 0 ? 0 : x[pixel * g.inputChannels + i]!;
          if (weight !== 0) sum = f(sum + f(value * weight));
        }
      }
      y[at] = clamp(sum, range[0], range[1]);
    });
    return y;
  },
};

function i8Inputs(input: I8Case) {
  const { outputChannels, each } = weightShape(input.g);
  return {
    x: int8s(elementCounts(input.g).input, input.x),
    w: prune(int8s(outputChannels * each, input.w), input.w, () => input.density),
    bias: input.hasBias ? biases(outputChannels, input.w) : undefined,
    multipliers: multipliers(outputChannels, each + 1, input.w),
  };
}

export const sparseConvI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { g, xZero, yZero, range } = input;
    const { x, w, ...rest } = i8Inputs(input);
    const packed = arena.input(packSparseI8({ columns: columnsOf(w, input), ...rest }));
    const { output } = elementCounts(g);
    const y = arena.output(output);
    const from = arena.input(x);
    const scratch = arena.output(sparseConvI8ScratchBytes(g.inputChannels, g.kernelHeight * g.kernelWidth));
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.sparseConvI8(geometry, from, packed, y, xZero, yZero, range[0], range[1], scratch);
    });
    return arena.int8(y, output);
  },
  expected(input) {
    const { g, xZero, yZero, range } = input;
    const { x, w, bias, multipliers: factors } = i8Inputs(input);
    const { each } = weightShape(g);
    const taps = g.kernelHeight * g.kernelWidth;
    const y = new Int8Array(elementCounts(g).output);
    forEachWindow(g, (at, output, places) => {
      let sum = bias?.[output] ?? 0;
      for (const { pixel, tap } of places) {
        if (pixel < 0) continue;
        for (let i = 0; i < g.inputChannels; i++)
          sum += (x[pixel * g.inputChannels + i]! - xZero) * w[output * each + i * taps + tap]!;
      }
      y[at] = requantize(sum, factors[output]!, yZero, range[0], range[1]);
    });
    return y;
  },
};
