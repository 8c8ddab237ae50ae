import fc from 'fast-check';
import { packDepthwiseConvI8 } from '../../src/pack-depthwise.js';
import { depthwiseScratchBytes } from '../../src/scratch.js';
import { asMultipliers, requantizeBy, rounding } from '../column-multipliers.js';
import type { KernelTest } from '../kernel-test.js';
import { biases, data, int8Range, int8s, multipliers, zeroPoint } from '../random-data.js';
import { formatFor, weightFormat } from '../weight-formats.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from './geometry.js';

const i8Case = fc.record({
  rounding,
  g: geometries('each'),
  x: data,
  w: data,
  hasBias: fc.boolean(),
  range: int8Range,
  xZero: zeroPoint,
  yZero: zeroPoint,
  hasZeros: fc.boolean(),
  format: weightFormat,
  part: fc.constantFrom(0, 0.3, 0.7, 1),
});
type I8Case = typeof i8Case extends fc.Arbitrary<infer T> ? T : never;

function shape({ g }: I8Case) {
  const { outputChannels: channels, kernelHeight, kernelWidth } = g;
  return { channels, kernelHeight, kernelWidth, taps: kernelHeight * kernelWidth };
}

function i8Inputs(input: I8Case) {
  const { channels, taps } = shape(input);
  return {
    x: int8s(elementCounts(input.g).input, input.x),
    data: int8s(channels * taps, input.w),
    bias: input.hasBias ? biases(channels, input.w) : undefined,
    multipliers: multipliers(channels, taps, input.w),
    zeroPoints: input.hasZeros ? int8s(channels, { seed: 3, kind: 'random' }) : undefined,
  };
}

export const depthwiseConvI8: KernelTest<I8Case> = {
  cases: i8Case,
  run(arena, input) {
    const { g, range, xZero, yZero } = input;
    const { x, multipliers: factors, ...rest } = i8Inputs(input);
    const weights = {
      ...rest,
      multipliers: asMultipliers(factors, arena.kernels.multipliers, input.rounding),
    };
    const packed = arena.input(
      packDepthwiseConvI8({ ...shape(input), ...weights }, formatFor(arena, input.format)),
    );
    const { output } = elementCounts(g);
    const y = arena.output(output);
    const scratch = arena.output(depthwiseScratchBytes(g, 1));
    const from = arena.input(x);
    const [low, high] = range;
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.depthwiseConvI8(geometry, from, packed, y, xZero, yZero, low, high, scratch);
    });
    return arena.int8(y, output);
  },
  expected(input, kind) {
    const { g, range, xZero, yZero } = input;
    const { x, data: w, bias, multipliers: factors, zeroPoints } = i8Inputs(input);
    const { taps } = shape(input);
    const y = new Int8Array(elementCounts(g).output);
    forEachWindow(g, (at, channel, places) => {
      const wZero = zeroPoints?.[channel] ?? 0;
      let sum = bias?.[channel] ?? 0;
      for (const { pixel, tap } of places) {
        const value = pixel < 0 ? xZero : x[pixel * g.inputChannels + channel]!;
        sum += (value - xZero) * (w[channel * taps + tap]! - wZero);
      }
      y[at] = requantizeBy(sum, factors[channel]!, kind, input.rounding, yZero, range);
    });
    return y;
  },
};
