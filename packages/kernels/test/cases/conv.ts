import fc from 'fast-check';
import { type Geometry, geometryWords } from '../../src/geometry.js';
import { packConvI8 } from '../../src/pack-conv.js';
import { convScratchBytes } from '../../src/scratch.js';
import { asMultipliers, requantizeBy, rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { biases, data, int8Range, int8s, multipliers, size, zeroPoint } from '../random-data.js';
import { formatFor, weightFormat } from '../weight-formats.js';
import { weightShape } from './conv-shape.js';
import { elementCounts, forEachWindow, geometries } from './geometry.js';

/** 3x3 with stride 1, from 8 channels on. */
export const winogradGeometries: fc.Arbitrary<Geometry> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    inputHeight: size(12),
    inputWidth: size(12),
    inputChannels: fc.integer({ min: 8, max: 37 }),
    outputChannels: fc.integer({ min: 8, max: 21 }),
    padTop: fc.integer({ min: 1, max: 3 }),
    padLeft: fc.integer({ min: 1, max: 3 }),
    padBottom: fc.integer({ min: 1, max: 3 }),
    padRight: fc.integer({ min: 1, max: 3 }),
  })
  .map((one) => ({
    ...one,
    outputHeight: one.inputHeight + one.padTop + one.padBottom - 2,
    outputWidth: one.inputWidth + one.padLeft + one.padRight - 2,
    kernelHeight: 3,
    kernelWidth: 3,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    groups: 1,
  }));

const i8Case = fc.record({
  rounding,
  g: fc.oneof(geometries('conv'), winogradGeometries),
  x: data,
  w: data,
  hasBias: fc.boolean(),
  range: int8Range,
  xZero: zeroPoint,
  yZero: zeroPoint,
  wZeros: fc.constantFrom('none' as const, 'one' as const, 'channels' as const),
  /** The output row at which a second call takes over, and whether scratch holds one output row only. */
  split: fc.nat(6),
  narrowScratch: fc.boolean(),
  /** Whether the packer knows the window, and may take Winograd. */
  knowsWindow: fc.boolean(),
  /** What the scalar twin is given: it takes every format. */
  scalarFormat: weightFormat,
});
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

function i8Inputs(input: I8Case) {
  const { outputChannels, each } = weightShape(input.g);
  const zeros = { none: 0, one: 1, channels: outputChannels }[input.wZeros];
  return {
    x: int8s(elementCounts(input.g).input, input.x),
    data: int8s(outputChannels * each, input.w),
    bias: input.hasBias ? biases(outputChannels, input.w) : undefined,
    multipliers: multipliers(outputChannels, each, input.w),
    zeroPoints: zeros > 0 ? int8s(zeros, { seed: 3, kind: 'random' }) : undefined,
  };
}

export const convI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { g, range, xZero, yZero } = input;
    const { x, multipliers: factors, ...rest } = i8Inputs(input);
    const weights = {
      ...rest,
      multipliers: asMultipliers(factors, arena.kernels.multipliers, input.rounding),
    };
    const window = input.knowsWindow ? g : undefined;
    const packed = packConvI8(
      { ...weightShape(g), ...weights, window, inputZero: xZero },
      formatFor(arena, input.scalarFormat),
    );
    const { output } = elementCounts(g);
    const y = arena.output(output);
    const scratchBytes = convScratchBytes(input.narrowScratch ? { ...g, outputHeight: 1 } : g, 2);
    const scratch = arena.output(scratchBytes);
    const [from, w] = [arena.input(x), arena.input(packed)];
    const rows = g.batch * g.outputHeight;
    const split = Math.min(input.split, rows);
    for (const [first, end] of [[0, split] as const, [split, rows] as const]) {
      const at = arena.input(geometryWords(g, { first, end }));
      arena.kernels.convI8(at, from, w, y, xZero, yZero, range[0], range[1], scratch, scratchBytes);
    }
    return arena.int8(y, output);
  },
  expected(input, kind) {
    const { g, range, xZero, yZero } = input;
    const { x, data: w, bias, multipliers: factors, zeroPoints } = i8Inputs(input);
    const { channelsPerGroup, each } = weightShape(input.g);
    const taps = g.kernelHeight * g.kernelWidth;
    const y = new Int8Array(elementCounts(g).output);
    forEachWindow(g, (at, output, places) => {
      const first = Math.floor(output / (g.outputChannels / g.groups)) * channelsPerGroup;
      const wZero = zeroPoints ? zeroPoints[zeroPoints.length === 1 ? 0 : output]! : 0;
      let sum = bias?.[output] ?? 0;
      for (const { pixel, tap } of places) {
        for (let i = 0; i < channelsPerGroup; i++) {
          const value = pixel < 0 ? xZero : x[pixel * g.inputChannels + first + i]!;
          sum += (value - xZero) * (w[output * each + i * taps + tap]! - wZero);
        }
      }
      y[at] = requantizeBy(sum, factors[output]!, kind, input.rounding, yZero, range);
    });
    return y;
  },
};
