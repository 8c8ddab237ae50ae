import fc from 'fast-check';
import { packDepthwiseConvF32 } from '../../src/pack-depthwise-f32.js';
import { depthwiseScratchBytes } from '../../src/scratch.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp } from '../plain.js';
import { data, float32s, floatRange } from '../random-data.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from './geometry.js';

const f = Math.fround;

const f32Case = fc.record({
  g: geometries('each'),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  x: data,
  w: data,
  hasBias: fc.boolean(),
  range: floatRange,
});
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;

function shape({ g }: F32Case) {
  const { outputChannels: channels, kernelHeight, kernelWidth } = g;
  return { channels, kernelHeight, kernelWidth, taps: kernelHeight * kernelWidth };
}

function f32Inputs(input: F32Case) {
  const { channels, taps } = shape(input);
  return {
    x: float32s(elementCounts(input.g).input, input.x),
    data: float32s(channels * taps, input.w),
    bias: input.hasBias ? float32s(channels, { seed: 9, kind: 'random' }) : undefined,
  };
}

export const depthwiseConvF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, input) {
    const { g, range } = input;
    const { x, ...weights } = f32Inputs(input);
    const packed = packDepthwiseConvF32({ ...shape(input), ...weights });
    const { output } = elementCounts(g);
    const y = arena.output(output * 4);
    const scratch = arena.output(depthwiseScratchBytes(g, 4));
    const from = arena.input(x);
    const weight = arena.input(packed);
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.depthwiseConvF32(geometry, from, weight, y, range[0], range[1], scratch);
    });
    return arena.float32(y, output);
  },
  expected(input) {
    const { g, range } = input;
    const { x, data: w, bias } = f32Inputs(input);
    const { taps } = shape(input);
    const y = new Float32Array(elementCounts(g).output);
    forEachWindow(g, (at, channel, places) => {
      let sum = bias?.[channel] ?? 0;
      for (const { pixel, tap } of places) {
        const value = pixel < 0 ? 0 : x[pixel * g.inputChannels + channel]!;
        sum = f(sum + f(value * w[channel * taps + tap]!));
      }
      y[at] = clamp(sum, range[0], range[1]);
    });
    return y;
  },
};
